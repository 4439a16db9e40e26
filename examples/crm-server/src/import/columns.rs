//! Which column of a file feeds which field of a record: by the names that exports of other systems use, or as told.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use crm_core::{Format, Kind, Object, Origin, fold};

use super::{Options, report::shown};

/// The given name, which makes `name` with [`LAST_NAME`].
pub(super) const FIRST_NAME: &str = "first_name";
/// The family name.
pub(super) const LAST_NAME: &str = "last_name";
/// When the record was made in the other system.
pub(super) const CREATED_AT: &str = "created_at";
/// When a lead was closed in the other system.
pub(super) const CLOSED_AT: &str = "closed_at";
/// The currency of the money on the same row.
pub(super) const CURRENCY: &str = "currency";

/// The names under which other systems export a field, the best first. References to other records are absent:
/// their ids are another system's, so that they are mapped by hand or not at all.
const KNOWN: &[(&str, &str)] = &[
    (
        "company",
        "company|company name|organization|organisation|organization name|account name|account|business name",
    ),
    ("name", "name|full name|contact name|customer name|lead name|contact person|contact"),
    (FIRST_NAME, "first name|given name|forename"),
    (LAST_NAME, "last name|surname|family name"),
    ("email", "email|e-mail address|email 1|primary email|work email|business email|mail"),
    (
        "phone",
        "phone|phone 1|phone number|primary phone|work phone|business phone|office phone|telephone|\
         telephone number|tel|mobile|mobile phone|mobile number|cell phone|cell",
    ),
    ("website", "website|web site|website url|url|homepage|web|company website"),
    (
        "address_line1",
        "address line 1|address|address 1|street|street address|street 1|billing street|mailing street",
    ),
    ("address_line2", "address line 2|address 2|street 2|street address 2"),
    ("city", "city|town|billing city|mailing city"),
    ("state", "state|province|state province|state region|region|county|billing state|mailing state"),
    (
        "postal_code",
        "postal code|zip|zip code|zip postal code|postcode|billing zip|billing postal code|mailing zip|\
         mailing postal code",
    ),
    ("country", "country|country region|billing country|mailing country"),
    ("is_active", "is active|active"),
    ("tags", "tags|tag|labels|label"),
    ("notes", "notes|note|description|comments|comment|remarks"),
    ("source", "source|lead source|original source"),
    ("stage", "stage|deal stage|lead stage|pipeline stage|sales stage|lead status|status"),
    ("value", "value|amount|deal value|deal amount|lead value|estimated value|opportunity amount|deal size"),
    (CURRENCY, "currency|currency code|deal currency|currency iso code"),
    (CREATED_AT, "created at|created date|create date|date created|created on|creation date|created"),
    (CLOSED_AT, "closed at|closed date|date closed|closed on"),
    (
        "expected_close",
        "expected close|expected close date|close date|closing date|expected closing date|estimated close date",
    ),
];

/// The names of the column that holds a record's id in the other system.
const IDS: &[(&str, &str)] = &[
    (
        "customers",
        "external id|customer id|account id|record id|company id|organization id|contact id|id|uuid",
    ),
    (
        "leads",
        "external id|lead id|account id|record id|opportunity id|deal id|contact id|customer id|id|uuid",
    ),
];

/// A name without case, accents, white space and punctuation: `E-Mail Address` and `email_address` are one.
pub(crate) fn plain(name: &str) -> String {
    fold(name).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// What a column feeds: the name of a field, [`FIRST_NAME`], [`LAST_NAME`], [`CREATED_AT`], [`CLOSED_AT`] or
/// [`CURRENCY`].
pub(super) type Target = &'static str;

/// Which columns feed what, and which feed nothing.
#[derive(Debug)]
pub struct Columns {
    /// The names of all columns, in order.
    pub names: Vec<String>,
    /// The columns of each target that is fed; several only for notes and labels.
    pub feeds: BTreeMap<Target, Vec<usize>>,
    /// The columns that feed nothing, with the reason where there is one to tell.
    pub ignored: Vec<(usize, Option<&'static str>)>,
}

/// What is known of each column while the header is read.
struct Plan {
    target: Option<Target>,
    told: bool,
}

impl Columns {
    /// Finds out from the header what feeds what.
    ///
    /// # Errors
    /// If an option names a column or a field that is not there, if a name that matters is there twice, or if the
    /// columns cannot make a record.
    pub fn recognize(object: &'static Object, header: Vec<String>, options: &Options) -> Result<Self> {
        let names = header.into_iter().enumerate();
        let names = names.map(|(at, name)| if name.is_empty() { format!("column {}", at + 1) } else { name });
        let names: Vec<String> = names.collect();
        let targets = targets(object);
        let mut plans: Vec<Plan> = names.iter().map(|_| Plan { target: None, told: false }).collect();
        for (column, field) in &options.maps {
            let target = if field.trim().is_empty() { None } else { Some(named(&targets, object, field)?) };
            for at in find(&names, column)? {
                if let Some(plan) = plans.get_mut(at) {
                    *plan = Plan { target, told: true };
                }
            }
        }
        guess(object, &targets, &names, &mut plans)?;
        let mut columns = Self { names, feeds: BTreeMap::new(), ignored: Vec::new() };
        columns.assign(object, &plans, options)?;
        columns.check_money(object, &plans, options)?;
        columns.check_identity(object)?;
        Ok(columns)
    }

    /// The column that feeds a target which only one can feed.
    pub fn of(&self, target: &str) -> Option<usize> {
        self.feeds.get(target).and_then(|columns| columns.first()).copied()
    }

    /// The name of a column.
    pub fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    /// The mapping as people read it, a line each.
    pub fn summary(&self, delimiter: char) -> Vec<String> {
        let delimiter = if delimiter == '\t' { "tab".to_owned() } else { format!("`{delimiter}`") };
        let mut lines = vec![format!("{} columns, separated by {delimiter}:", self.names.len())];
        for (target, columns) in &self.feeds {
            let names: Vec<&str> = columns.iter().map(|column| self.name(*column)).collect();
            lines.push(format!("  {} => {target}", listed(&names)));
        }
        if !self.feeds.contains_key("external_id") {
            lines.push("  (no id column: a digest of the row) => external_id".to_owned());
        }
        for (column, reason) in &self.ignored {
            let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
            lines.push(format!("  `{}` is ignored{reason}", shown(self.name(*column))));
        }
        lines
    }

    fn assign(&mut self, object: &Object, plans: &[Plan], options: &Options) -> Result<()> {
        let kept = options.keep_unmapped && object.index_of("notes").is_some();
        for (at, plan) in plans.iter().enumerate() {
            let target = plan.target.or((kept && !plan.told).then_some("notes"));
            let Some(target) = target else {
                self.ignored.push((at, None));
                continue;
            };
            let own = self.feeds.entry(target).or_default();
            own.push(at);
            let several = object.fields.iter().any(|field| {
                field.name == target && matches!(field.format, Format::Labels | Format::Lines(_))
            });
            if let (false, [first, second]) = (several, own.as_slice()) {
                let (first, second) = (*first, *second);
                let (first, second) = (shown(self.name(first)), shown(self.name(second)));
                bail!("`{target}` can be fed by one column only, not by `{first}` and `{second}`");
            }
        }
        Ok(())
    }

    /// Money needs a currency: without one its column feeds nothing.
    fn check_money(&mut self, object: &Object, plans: &[Plan], options: &Options) -> Result<()> {
        if options.currency.is_some() || self.feeds.contains_key(CURRENCY) {
            return Ok(());
        }
        for field in object.fields.iter().filter(|field| field.kind == Kind::Money) {
            for at in self.feeds.remove(field.name).unwrap_or_default() {
                if plans.get(at).is_some_and(|plan| plan.told) {
                    bail!("no currency is known for `{}`: add --currency EUR", shown(self.name(at)));
                }
                self.ignored.push((at, Some("no currency is known: add --currency EUR")));
            }
        }
        self.ignored.sort_unstable();
        Ok(())
    }

    /// A file that cannot make a single record is refused at once and not row by row.
    fn check_identity(&self, object: &Object) -> Result<()> {
        let mut naming = vec!["company", "name", FIRST_NAME, LAST_NAME];
        if object.name == "leads" {
            naming.push("email");
        }
        if naming.iter().any(|target| self.feeds.contains_key(target)) {
            return Ok(());
        }
        bail!(
            "no column gives a {} its {}; the columns are {}; say which does with --map \"COLUMN=FIELD\", and see \
             that the first line has the names of the columns",
            object.singular,
            listed(&naming),
            listed(&self.names)
        )
    }
}

/// What the columns of an object can feed.
fn targets(object: &'static Object) -> Vec<Target> {
    let written = || {
        let fields = object.fields.iter();
        fields.filter(|field| field.origin == Origin::Written && field.is_public())
    };
    let mut all: Vec<Target> = written().map(|field| field.name).collect();
    all.extend([FIRST_NAME, LAST_NAME, CREATED_AT]);
    all.extend(object.index_of(CLOSED_AT).map(|_| CLOSED_AT));
    if written().any(|field| field.kind == Kind::Money) {
        all.push(CURRENCY);
    }
    all
}

fn named(targets: &[Target], object: &Object, field: &str) -> Result<Target> {
    match targets.iter().find(|target| plain(target) == plain(field)) {
        Some(target) => Ok(target),
        None => {
            bail!("{} have no field `{}` to feed; there are {}", object.name, field.trim(), listed(targets))
        }
    }
}

/// The columns of this name: as written, or else the same but for case, white space and punctuation.
fn find(names: &[String], wanted: &str) -> Result<Vec<usize>> {
    let all = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        names.iter().enumerate().filter(|(_, own)| same(own)).map(|(at, _)| at).collect()
    };
    let exact = all(&|own| own == wanted.trim());
    let found = if exact.is_empty() { all(&|own| plain(own) == plain(wanted)) } else { exact };
    if found.is_empty() {
        bail!("there is no column `{}`; the columns are {}", wanted.trim(), listed(names));
    }
    Ok(found)
}

/// Gives each target that nobody has named a column for the best column that nobody has spoken about.
fn guess(object: &Object, targets: &[Target], names: &[String], plans: &mut [Plan]) -> Result<()> {
    let plains: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let ids = IDS.iter().find(|(name, _)| *name == object.name).map(|(_, names)| ("external_id", *names));
    for (target, known) in KNOWN.iter().copied().chain(ids) {
        if !targets.contains(&target) || plans.iter().any(|plan| plan.target == Some(target)) {
            continue;
        }
        for name in known.split('|').map(plain) {
            let columns = plains.iter().enumerate().zip(plans.iter());
            let free =
                columns.filter(|((_, own), plan)| **own == name && !plan.told && plan.target.is_none());
            let found: Vec<usize> = free.map(|((at, _), _)| at).collect();
            if let [first, second, ..] = found.as_slice() {
                let twice = shown(names.get(*first).map_or("", String::as_str));
                bail!(
                    "columns {} and {} are both called `{twice}`: rename one of them, or ignore both with \
                     --map \"{twice}=\"",
                    first + 1,
                    second + 1
                );
            }
            if let Some(plan) = found.first().and_then(|at| plans.get_mut(*at)) {
                plan.target = Some(target);
                break;
            }
        }
    }
    Ok(())
}

/// Names in backticks with commas, the first thirty of them.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted = names.iter().take(30).map(|name| format!("`{}`", shown(name.as_ref())));
    let all = quoted.collect::<Vec<_>>().join(", ");
    if names.len() > 30 { format!("{all} and {} more", names.len() - 30) } else { all }
}

/// Whether a column of this name is the notes themselves.
pub(crate) fn is_notes_name(name: &str) -> bool {
    let known = KNOWN.iter().find(|(target, _)| *target == "notes").map_or("", |(_, names)| names);
    known.split('|').any(|known| plain(known) == plain(name))
}
