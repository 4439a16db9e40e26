//! Leads: their way through the stages, and how they become customers.

use chrono::TimeDelta;

use crate::{
    Conflict, Customer, Entity, Error, Id, Lead, Money, Pipeline, Probability, Query, Record, Result, Stage,
    StageKind, StageVisit, TenantScope,
};

use super::workbench::{FOUNDING, Workbench, anything, refused};

fn stage(key: &str, kind: StageKind) -> Stage {
    let probability = Probability::parts(5_000).expect("a half");
    Stage { key: key.into(), name: key.into(), kind, qualified: false, probability }
}

async fn edit(
    bench: &Workbench,
    scope: &TenantScope,
    mut edit: impl FnMut(&mut Vec<Stage>) + Send,
) -> Result<Record<Pipeline>> {
    let id = Pipeline::of(scope.tenant());
    bench.crm.pipelines(scope).update(id, move |own| edit(&mut own.stages.0)).await
}

fn invalid<T: std::fmt::Debug>(result: Result<T>, pointer: &str, code: &str) {
    match result {
        Err(Error::Invalid { violations }) => {
            let found = violations.iter().any(|own| own.pointer == pointer && own.code == code);
            assert!(found, "`{code}` at `{pointer}` must be among {violations:?}");
        }
        other => panic!("must be refused with `{code}`, got {other:?}"),
    }
}

pub(super) async fn a_tenant_begins_with_the_default_stages(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let tenant =
        bench.crm.directory(&maintenance).create_tenant(crate::Tenant::new("acme", "Acme")).await.unwrap();
    let scope = bench.crm.scope(tenant.id, crate::Actor::job("conformance"));
    let pipeline = bench.crm.pipelines(&scope).get(Pipeline::of(tenant.id)).await.unwrap();
    let stages: Vec<_> =
        pipeline.stages.0.iter().map(|own| (own.key.as_str(), own.name.as_str(), own.kind)).collect();
    let expected = [
        ("new", "New", StageKind::Open),
        ("contacted", "Contacted", StageKind::Open),
        ("qualified", "Qualified", StageKind::Open),
        ("proposal", "Proposal", StageKind::Open),
        ("closed_won", "Closed Won", StageKind::Won),
        ("closed_lost", "Closed Lost", StageKind::Lost),
    ];
    assert_eq!(stages, expected);
    assert_eq!(bench.crm.leads(&scope).create(Lead::company("Solar")).await.unwrap().stage, "new");
}

pub(super) async fn closing_a_lead_notes_the_moment(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lead = leads.create(Lead::company("Solar")).await.unwrap();
    assert_eq!((lead.managed.stage_entered_at, lead.managed.closed_at), (Some(bench.now()), None));
    bench.tick();
    let entered = bench.now();
    let advanced = leads.advance(lead.id, "proposal").await.unwrap();
    assert_eq!((advanced.managed.stage_entered_at, advanced.managed.closed_at), (Some(entered), None));
    bench.tick();
    let edited = leads.update(lead.id, |own| own.notes = Some("Call".into())).await.unwrap();
    assert_eq!(edited.managed.stage_entered_at, Some(entered), "another field does not move the lead");
    let closed = bench.now();
    let won = leads.advance(lead.id, "closed_won").await.unwrap();
    assert_eq!((won.managed.stage_entered_at, won.managed.closed_at), (Some(closed), Some(closed)));
    bench.tick();
    let lost = leads.advance(lead.id, "closed_lost").await.unwrap();
    assert_eq!(lost.managed.stage_entered_at, Some(bench.now()));
    assert_eq!(lost.managed.closed_at, Some(closed), "it stays closed since then");
    let open = leads.advance(lead.id, "new").await.unwrap();
    assert_eq!(open.managed.closed_at, None);
    assert_eq!(leads.get(lead.id).await.unwrap(), open);
    let born_closed = leads.create(Lead::company("Late").stage("closed_lost")).await.unwrap();
    assert_eq!(born_closed.managed.closed_at, Some(bench.now()));
}

pub(super) async fn a_stage_must_be_one_of_the_pipeline(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    invalid(leads.create(Lead::company("Solar").stage("nowhere")).await, "/stage", "unknown_stage");
    let lead = leads.create(Lead::company("Solar")).await.unwrap();
    invalid(leads.advance(lead.id, "nowhere").await, "/stage", "unknown_stage");
    assert_eq!(leads.get(lead.id).await.unwrap(), lead);
    edit(bench, &scope, |stages| stages.insert(0, stage("nowhere", StageKind::Open))).await.unwrap();
    leads.advance(lead.id, "nowhere").await.unwrap();
    assert_eq!(leads.create(Lead::company("Next")).await.unwrap().stage, "nowhere", "the first open stage");
}

pub(super) async fn a_converted_lead_becomes_a_new_customer(bench: &Workbench) {
    let scope = bench.found().await;
    let lead =
        Lead::company("Solar").name("Ada").email("Ada@Example.com").phone("+44 20 7946 0000").notes("Notes");
    let lead = lead.tags(vec!["a".to_owned()]);
    let lead = bench.crm.leads(&scope).create(lead).await.unwrap();
    bench.tick();
    let done = bench.crm.leads(&scope).convert(lead.id, None).await.unwrap();
    assert_eq!((done.lead.stage.as_str(), done.lead.customer_id), ("closed_won", Some(done.customer.id)));
    assert_eq!(done.lead.managed.closed_at, Some(bench.now()));
    let own = &done.customer;
    assert_eq!((own.company.as_deref(), own.name.as_deref()), (Some("Solar"), Some("Ada")));
    assert_eq!(
        (own.email.as_deref(), own.phone.as_deref()),
        (Some("Ada@Example.com"), Some("+44 20 7946 0000"))
    );
    assert_eq!((own.notes.as_deref(), &own.tags[..]), (Some("Notes"), &["a".to_owned()][..]));
    assert_eq!(bench.crm.customers(&scope).get(own.id).await.unwrap(), done.customer);
    assert_eq!(bench.crm.leads(&scope).get(lead.id).await.unwrap(), done.lead);
    assert_eq!(bench.head(&scope).await, FOUNDING + 3, "lead, customer, lead");
}

pub(super) async fn a_lead_is_converted_into_the_customer_named(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let named = customers.create(Customer::company("Named")).await.unwrap();
    let linked = customers.create(Customer::company("Linked")).await.unwrap();
    let lead = Lead::company("Solar").customer_id(linked.id);
    let first = bench.crm.leads(&scope).create(lead.clone()).await.unwrap().id;
    let done = bench.crm.leads(&scope).convert(first, Some(named.id)).await.unwrap();
    assert_eq!((done.customer.id, done.lead.customer_id), (named.id, Some(named.id)));
    let second = bench.crm.leads(&scope).create(lead).await.unwrap().id;
    let done = bench.crm.leads(&scope).convert(second, None).await.unwrap();
    assert_eq!(done.customer, linked, "else the one that it is linked to");
    let third = bench.crm.leads(&scope).create(Lead::company("Third")).await.unwrap();
    customers.delete(named.id, None).await.unwrap();
    for unknown in [named.id, Id::from_uuid(bench.new_id())] {
        let done = bench.crm.leads(&scope).convert(third.id, Some(unknown)).await;
        invalid(done, "/customer_id", "unknown_reference");
    }
    assert_eq!(bench.crm.leads(&scope).get(third.id).await.unwrap(), third);
}

pub(super) async fn a_lead_is_converted_into_the_customer_that_fits(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let leads = bench.crm.leads(&scope);
    let mut made = Vec::new();
    for customer in [
        Customer::company("Solar"),
        Customer::company("Other").email("ada@example.com"),
        Customer::company("Newer").email("ADA@example.com"),
        Customer::company("Solar"),
        Customer::company("solar"),
    ] {
        bench.tick();
        made.push(customers.create(customer).await.unwrap().id);
    }
    let converted = |lead: Lead| async {
        let id = leads.create(lead).await.unwrap().id;
        leads.convert(id, None).await.unwrap().customer.id
    };
    assert_eq!(
        converted(Lead::company("Solar").email("Ada@Example.com")).await,
        made[1],
        "the oldest of the address"
    );
    assert_eq!(
        converted(Lead::company("Solar").email("bob@example.com")).await,
        made[0],
        "the oldest of the company"
    );
    assert_eq!(converted(Lead::company("solar")).await, made[4], "of exactly the company");
    customers.delete(made[1], None).await.unwrap();
    assert_eq!(
        converted(Lead::person("Ada").email("ada@example.com")).await,
        made[2],
        "a deleted one does not fit"
    );
    assert!(!made.contains(&converted(Lead::person("Ada")).await), "else a new one");
    assert_eq!(bench.count(&scope, Customer::object(), &anything()).await, 5);
}

pub(super) async fn a_won_and_linked_lead_stays_as_it_is(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lead = leads.create(Lead::company("Solar")).await.unwrap().id;
    let first = leads.convert(lead, None).await.unwrap();
    let before = bench.everything(&scope, &[]).await;
    bench.tick();
    assert_eq!(leads.convert(lead, None).await.unwrap(), first);
    assert_eq!(bench.everything(&scope, &[]).await, before);
    edit(bench, &scope, |stages| stages.insert(0, stage("paid", StageKind::Won))).await.unwrap();
    let won = leads.create(Lead::company("Wind").stage("closed_won")).await.unwrap().id;
    assert_eq!(leads.convert(won, None).await.unwrap().lead.stage, "closed_won", "a won stage is kept");
    let open = leads.create(Lead::company("Hydro")).await.unwrap().id;
    assert_eq!(leads.convert(open, None).await.unwrap().lead.stage, "paid", "the first won stage");
}

pub(super) async fn a_lead_without_a_name_cannot_become_a_customer(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lead = leads.create(Lead::default().email("ada@example.com")).await.unwrap();
    let before = bench.everything(&scope, &[]).await;
    invalid(leads.convert(lead.id, None).await, "/company", "required");
    assert_eq!(bench.everything(&scope, &[]).await, before);
    let known = bench
        .crm
        .customers(&scope)
        .create(Customer::company("Known").email("ada@example.com"))
        .await
        .unwrap();
    assert_eq!(leads.convert(lead.id, None).await.unwrap().customer.id, known.id);
}

pub(super) async fn a_stage_in_use_cannot_be_taken_away(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lead = leads.create(Lead::company("Solar").stage("contacted")).await.unwrap();
    let without = |stages: &mut Vec<Stage>| stages.retain(|own| own.key != "contacted");
    invalid(edit(bench, &scope, without).await, "/stages", "stage_in_use");
    let closing = |stages: &mut Vec<Stage>| stages[1].kind = StageKind::Lost;
    invalid(edit(bench, &scope, closing).await, "/stages", "stage_in_use");
    let renamed = |stages: &mut Vec<Stage>| {
        stages[1].name = "Spoken to".into();
        stages.swap(0, 1);
    };
    edit(bench, &scope, renamed).await.unwrap();
    leads.delete(lead.id, None).await.unwrap();
    edit(bench, &scope, without).await.unwrap();
    invalid(leads.restore(lead.id).await, "/stage", "unknown_stage");
}

pub(super) async fn a_pipeline_must_make_sense(bench: &Workbench) {
    let scope = bench.found().await;
    let before = bench.everything(&scope, &[]).await;
    for kind in [StageKind::Open, StageKind::Won, StageKind::Lost] {
        let done = edit(bench, &scope, |stages| stages.retain(|own| own.kind != kind)).await;
        invalid(done, "/stages", "missing_kind");
    }
    let twice = |stages: &mut Vec<Stage>| stages.push(stage("new", StageKind::Open));
    invalid(edit(bench, &scope, twice).await, "/stages/6/key", "duplicate_key");
    let odd = |stages: &mut Vec<Stage>| stages.push(stage("Not a key", StageKind::Open));
    invalid(edit(bench, &scope, odd).await, "/stages/6/key", "invalid_key");
    let nameless = |stages: &mut Vec<Stage>| stages[0].name = " ".into();
    invalid(edit(bench, &scope, nameless).await, "/stages/0/name", "invalid_name");
    let many = |stages: &mut Vec<Stage>| {
        stages.extend((0..45).map(|nth| stage(&format!("stage{nth}"), StageKind::Open)));
    };
    invalid(edit(bench, &scope, many).await, "/stages", "too_many");
    let id = Pipeline::of(scope.tenant());
    refused!(bench.crm.pipelines(&scope).delete(id, None).await, Error::Conflict(Conflict::Rule(_)));
    assert_eq!(bench.everything(&scope, &[]).await, before);
}

pub(super) async fn the_stage_history_tells_how_long(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let begun = bench.now();
    let lead = leads.create(Lead::company("Solar")).await.unwrap().id;
    let at = |hours| begun + TimeDelta::hours(hours);
    for (hours, stage) in [(2, "contacted"), (5, "new"), (5, "closed_won")] {
        bench.clock.set(at(hours));
        leads.update(lead, |own| own.notes = Some(format!("At {hours}"))).await.unwrap();
        leads.advance(lead, stage).await.unwrap();
    }
    bench.clock.set(at(30));
    let visit = |stage: &str, entered, left: Option<i64>| StageVisit {
        stage: stage.into(),
        entered_at: at(entered),
        left_at: left.map(at),
        seconds: (left.unwrap_or(30) - entered) * 3_600,
    };
    let expected = [
        visit("new", 0, Some(2)),
        visit("contacted", 2, Some(5)),
        visit("new", 5, Some(5)),
        visit("closed_won", 5, None),
    ];
    assert_eq!(leads.stage_history(lead).await.unwrap(), expected);
    leads.delete(lead, None).await.unwrap();
    assert_eq!(leads.stage_history(lead).await.unwrap(), expected, "of a deleted lead as well");
    leads.erase(lead).await.unwrap();
    refused!(leads.stage_history(lead).await, Error::NotFound { what: "lead" });
}

pub(super) async fn the_figures_add_up(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let money = |amount, currency| Money::new(amount, currency).expect("a currency");
    for (stage, source, value) in [
        ("new", Some("web"), Some(money(1_000, "EUR"))),
        ("new", None, None),
        ("proposal", Some("web"), Some(money(2_001, "EUR"))),
        ("qualified", Some("fair"), Some(money(70, "JPY"))),
        ("closed_won", Some("web"), Some(money(500, "EUR"))),
        ("closed_lost", Some("fair"), Some(money(9_999, "USD"))),
    ] {
        let lead = Lead { source: source.map(str::to_owned), value, ..Lead::company("Solar").stage(stage) };
        leads.create(lead).await.unwrap();
    }
    let gone = leads.create(Lead::company("Gone").value(money(1, "EUR"))).await.unwrap().id;
    leads.delete(gone, None).await.unwrap();
    let overview = bench.crm.analytics(&scope).overview().await.unwrap();
    let figures = &overview.leads;
    let counts = (figures.total, figures.open, figures.qualified, figures.won, figures.lost);
    assert_eq!(counts, (6, 4, 3, 1, 1));
    assert_eq!((figures.conversion_rate, figures.win_rate), (Some(1.0 / 6.0), Some(0.5)));
    let by_stage: Vec<_> = figures.by_stage.iter().map(|own| (own.stage.as_str(), own.count)).collect();
    let expected = [
        ("new", 2),
        ("contacted", 0),
        ("qualified", 1),
        ("proposal", 1),
        ("closed_won", 1),
        ("closed_lost", 1),
    ];
    assert_eq!(by_stage, expected);
    let by_source: Vec<_> =
        figures.by_source.iter().map(|own| (own.source.as_deref(), own.leads.count)).collect();
    assert_eq!(by_source, [(Some("web"), 3), (Some("fair"), 2), (None, 1)]);
    assert_eq!(figures.pipeline_value, [money(3_001, "EUR"), money(70, "JPY")]);
    assert_eq!(
        figures.weighted_value,
        [money(1_301, "EUR"), money(28, "JPY")],
        "100 + 1,200.6, rounded by stage"
    );
    assert_eq!(figures.won_value, [money(500, "EUR")]);
    assert_eq!(overview.as_of_seq, bench.head(&scope).await);
    assert_eq!(leads.count(&Query::new()).await.unwrap(), 6);
}
