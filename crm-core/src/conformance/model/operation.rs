//! Random operations, not yet about anything: which record, which value and which actor is a number that the
//! [world](super::world) reads as one of what there is.

use proptest::prelude::*;

/// A kind of record that the operations are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Sort {
    Customers,
    Contacts,
    Leads,
    Interactions,
    Projects,
    Tasks,
    Users,
}

impl Sort {
    pub(super) const ALL: [Self; 7] = [
        Self::Customers,
        Self::Contacts,
        Self::Leads,
        Self::Interactions,
        Self::Projects,
        Self::Tasks,
        Self::Users,
    ];
}

/// One operation: after a while, somebody does something in a tenant.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// How many tenths of a second pass before; often none, so that times are equal.
    pub(super) wait: u8,
    pub(super) tenant: u8,
    pub(super) actor: u8,
    pub(super) what: What,
}

/// A field and its value.
pub(super) type Fields = Vec<(u8, u16)>;

/// What somebody does. `target`s are records.
#[derive(Clone, Debug)]
pub(super) enum What {
    Create { sort: Sort, fields: Fields, once: Option<(u8, u8)> },
    CreateMany { sort: Sort, all: Vec<Fields> },
    Patch { sort: Sort, target: u16, expected: u8, fields: Fields },
    Delete { sort: Sort, target: u16, expected: u8 },
    Restore { sort: Sort, target: u16 },
    Erase { sort: Sort, target: u16 },
    Get { sort: Sort, targets: Vec<u16> },
    Advance { target: u16, stage: u8 },
    Convert { target: u16, into: Option<u16>, once: Option<(u8, u8)> },
    EditPipeline { edit: u8 },
    SetTimeZone { zone: u8 },
    Import { all: Vec<(Fields, u16)> },
    Figures { which: u8, from: u16, days: u16 },
    List { sort: Sort, ask: Ask },
    NextPage { page: u16 },
    History { sort: Sort, target: u16, before: u8, limit: u8 },
    StageHistory { target: u16 },
    Events(Events),
    Overview,
    Counters { names: u8, range: u8 },
    Commit { changes: Vec<Edit>, fault: Fault, once: Option<(u8, u8)> },
    CommitAgain { batch: u8, other: bool },
}

/// Which part of the log.
#[derive(Clone, Debug)]
pub(super) struct Events {
    pub(super) after: u8,
    pub(super) before: u8,
    pub(super) sort: Option<Sort>,
    pub(super) target: Option<u16>,
    pub(super) by: u8,
    pub(super) newest_first: bool,
    pub(super) limit: u8,
}

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) condition: Option<Condition>,
    pub(super) search: Option<(u8, u8)>,
    pub(super) order: Vec<(u8, bool)>,
    pub(super) limit: u8,
    pub(super) visibility: u8,
}

/// A condition of a question.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Compare { key: u8, operator: u8, values: Vec<u16> },
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// A change of a batch that is made by hand.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Create { sort: Sort, value: u16 },
    Update { sort: Sort, target: u16, value: u16 },
    Delete { sort: Sort, target: u16 },
    Restore { sort: Sort, target: u16 },
    Check { sort: Sort, target: u16 },
}

/// What makes a batch fail; at most one thing, so that every store has the same reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Stale,
    Present,
    Reference,
    Unique,
    Bound,
    Overflow,
    Unfounded,
    Founded,
    Late,
}

fn sort() -> impl Strategy<Value = Sort> {
    prop_oneof![
        4 => Just(Sort::Customers),
        2 => Just(Sort::Contacts),
        4 => Just(Sort::Leads),
        2 => Just(Sort::Interactions),
        1 => Just(Sort::Projects),
        3 => Just(Sort::Tasks),
        1 => Just(Sort::Users),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    prop::collection::vec((any_byte(), any_number()), 0..5)
}

fn any_byte() -> impl Strategy<Value = u8> {
    proptest::num::u8::ANY
}

fn any_number() -> impl Strategy<Value = u16> {
    proptest::num::u16::ANY
}

fn key() -> impl Strategy<Value = Option<(u8, u8)>> {
    prop_oneof![4 => Just(None), 1 => (0..6_u8, 0..2_u8).prop_map(Some)]
}

fn condition() -> impl Strategy<Value = Condition> {
    let compare = (any_byte(), any_byte(), prop::collection::vec(any_number(), 0..4))
        .prop_map(|(key, operator, values)| Condition::Compare { key, operator, values });
    compare.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Condition::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let search = prop_oneof![3 => Just(None), 1 => (any_byte(), any_byte()).prop_map(Some)];
    let order = prop::collection::vec((any_byte(), proptest::bool::ANY), 0..3);
    (prop::option::weighted(0.5, condition()), search, order, 1..9_u8, 0..6_u8).prop_map(
        |(condition, search, order, limit, visibility)| Ask { condition, search, order, limit, visibility },
    )
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (sort(), any_number()).prop_map(|(sort, value)| Edit::Create { sort, value }),
        3 => (sort(), any_number(), any_number())
            .prop_map(|(sort, target, value)| Edit::Update { sort, target, value }),
        1 => (sort(), any_number()).prop_map(|(sort, target)| Edit::Delete { sort, target }),
        1 => (sort(), any_number()).prop_map(|(sort, target)| Edit::Restore { sort, target }),
        1 => (sort(), any_number()).prop_map(|(sort, target)| Edit::Check { sort, target }),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        8 => Just(Fault::None),
        1 => Just(Fault::Stale),
        1 => Just(Fault::Present),
        1 => Just(Fault::Reference),
        1 => Just(Fault::Unique),
        1 => Just(Fault::Bound),
        1 => Just(Fault::Overflow),
        1 => Just(Fault::Unfounded),
        1 => Just(Fault::Founded),
        1 => Just(Fault::Late),
    ]
}

fn writing() -> impl Strategy<Value = What> {
    prop_oneof![
        12 => (sort(), fields(), key()).prop_map(|(sort, fields, once)| What::Create { sort, fields, once }),
        4 => (sort(), prop::collection::vec(fields(), 0..12))
            .prop_map(|(sort, all)| What::CreateMany { sort, all }),
        10 => (sort(), any_number(), any_byte(), fields())
            .prop_map(|(sort, target, expected, fields)| What::Patch { sort, target, expected, fields }),
        3 => (sort(), any_number(), any_byte())
            .prop_map(|(sort, target, expected)| What::Delete { sort, target, expected }),
        3 => (sort(), any_number()).prop_map(|(sort, target)| What::Restore { sort, target }),
        2 => (sort(), any_number()).prop_map(|(sort, target)| What::Erase { sort, target }),
        4 => (any_number(), any_byte()).prop_map(|(target, stage)| What::Advance { target, stage }),
        3 => (any_number(), prop::option::of(any_number()), key())
            .prop_map(|(target, into, once)| What::Convert { target, into, once }),
        1 => any_byte().prop_map(|edit| What::EditPipeline { edit }),
        1 => any_byte().prop_map(|zone| What::SetTimeZone { zone }),
        2 => prop::collection::vec((fields(), any_number()), 0..5).prop_map(|all| What::Import { all }),
        6 => (prop::collection::vec(edit(), 0..6), fault(), key())
            .prop_map(|(changes, fault, once)| What::Commit { changes, fault, once }),
        1 => (any_byte(), proptest::bool::ANY).prop_map(|(batch, other)| What::CommitAgain { batch, other }),
    ]
}

fn events() -> impl Strategy<Value = Events> {
    let of = (prop::option::of(sort()), prop::option::of(any_number()), any_byte());
    (any_byte(), any_byte(), of, proptest::bool::ANY, 0..9_u8).prop_map(
        |(after, before, (sort, target, by), newest_first, limit)| Events {
            after,
            before,
            sort,
            target,
            by,
            newest_first,
            limit,
        },
    )
}

fn reading() -> impl Strategy<Value = What> {
    prop_oneof![
        3 => (sort(), prop::collection::vec(any_number(), 1..5))
            .prop_map(|(sort, targets)| What::Get { sort, targets }),
        14 => (sort(), ask()).prop_map(|(sort, ask)| What::List { sort, ask }),
        5 => any_number().prop_map(|page| What::NextPage { page }),
        2 => (sort(), any_number(), any_byte(), 1..6_u8)
            .prop_map(|(sort, target, before, limit)| What::History { sort, target, before, limit }),
        1 => any_number().prop_map(|target| What::StageHistory { target }),
        3 => events().prop_map(What::Events),
        1 => Just(What::Overview),
        4 => (any_byte(), any_number(), any_number())
            .prop_map(|(which, from, days)| What::Figures { which, from, days }),
        2 => (any_byte(), any_byte()).prop_map(|(names, range)| What::Counters { names, range }),
    ]
}

/// Any operation; about as many that write as that read.
pub(super) fn any() -> impl Strategy<Value = Operation> {
    let what = prop_oneof![writing().boxed(), reading().boxed()];
    (0..20_u8, any_byte(), any_byte(), what).prop_map(|(wait, tenant, actor, what)| Operation {
        wait: wait.saturating_sub(10),
        tenant,
        actor,
        what,
    })
}
