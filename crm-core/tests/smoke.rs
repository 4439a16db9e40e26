//! The façade on the store in memory.
use crm_core::*;

#[tokio::test]
async fn a_lead_is_converted() {
    let crm = Crm::new(MemoryStore::new());
    let m = crm.maintenance();
    let t = crm.directory(&m).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(t.id, Actor::job("test"));
    let c =
        crm.customers(&scope).create(Customer::company("Ada Ltd").email("Ada@Example.com")).await.unwrap();
    let lead = crm
        .leads(&scope)
        .create(Lead::company("Ada").email("ada@example.com").value(Money::new(5, "EUR").unwrap()))
        .await
        .unwrap();
    assert_eq!(lead.reference().as_deref(), Some("LED-001"));
    let won = crm.leads(&scope).convert(lead.id, None).await.unwrap();
    assert_eq!(won.customer.id, c.id);
    assert_eq!(won.lead.stage, "closed_won");
    assert!(won.lead.managed.closed_at.is_some());
    let page = crm
        .leads(&scope)
        .list(Query::new().filter(Lead::STAGE.eq("closed_won")).search("ada").limit(50))
        .await
        .unwrap();
    assert_eq!(page.data.len(), 1);
    let u = crm.users(&scope).create(User::new("o@acme.test", Role::Owner)).await.unwrap();
    assert!(matches!(crm.users(&scope).delete(u.id, None).await, Err(Error::Conflict(_))));
    assert_eq!(crm.directory(&m).memberships("O@acme.test").await.unwrap().len(), 1);
    println!("{:?}", crm.analytics(&scope).overview().await.unwrap());
    println!("{}", serde_json::to_string_pretty(&won.lead).unwrap());
    let err = crm
        .customers(&scope)
        .create_json(
            serde_json::json!({"email": "x", "version": 3, "bogus": 1, "is_active": 5}).as_object().unwrap(),
        )
        .await
        .unwrap_err();
    println!("{err}");
    println!("{:?}", crm.leads(&scope).stage_history(lead.id).await.unwrap());
    let v = crm.verify(&m, t.id).await.unwrap();
    assert!(v.differences.is_empty(), "{v:?}");
    let d = crm.verify(&m, Id::from_uuid(uuid::Uuid::nil())).await.unwrap();
    assert!(d.differences.is_empty(), "{d:?}");
}

#[tokio::test]
async fn no_role_can_enter_the_directory() {
    let crm = Crm::new(MemoryStore::new());
    let m = crm.maintenance();
    crm.directory(&m).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(Id::from_uuid(uuid::Uuid::nil()), Actor::job("intruder"));
    assert!(matches!(crm.records::<Tenant>(&scope).list(Query::new()).await, Err(Error::Forbidden { .. })));
    assert!(matches!(crm.log(&scope).events(&EventQuery::default()).await, Err(Error::Forbidden { .. })));
    assert!(matches!(
        crm.customers(&scope).create(Customer::company("x")).await,
        Err(Error::Forbidden { .. })
    ));
}

#[tokio::test]
async fn a_required_field_cannot_be_taken_away() {
    let crm = Crm::new(MemoryStore::new());
    let m = crm.maintenance();
    let t = crm.directory(&m).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(t.id, Actor::job("test"));
    let lead = crm.leads(&scope).create(Lead::company("Ada")).await.unwrap();
    crm.leads(&scope).advance(lead.id, "proposal").await.unwrap();
    let patch = serde_json::json!({"stage": null});
    let refused = crm.leads(&scope).patch(lead.id, None, patch.as_object().unwrap()).await;
    let Err(Error::Invalid { violations }) = refused else { panic!("{refused:?}") };
    assert_eq!(violations[0].pointer, "/stage");
    assert_eq!(violations[0].code, "required");
}
