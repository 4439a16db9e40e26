//! Fills a tenant through the service: several records of every kind, every text of them with the tenant's own word.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::client::Client;

/// What a tenant has been filled with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filling {
    /// The ids of live records, by kind. Nothing refers to the last of each kind.
    pub(crate) live: BTreeMap<&'static str, Vec<String>>,
    /// The id of a deleted record, by kind.
    pub(crate) deleted: BTreeMap<&'static str, String>,
    /// The id of a lead that is won and linked to a customer.
    pub(crate) converted: String,
    /// The idempotency keys that were used.
    pub(crate) keys: Vec<Uuid>,
    /// The pipeline's stages.
    pub(crate) stages: Json,
}

impl Filling {
    /// The id of a live record that others refer to.
    pub(crate) fn one(&self, object: &str) -> &str {
        self.of(object).first().expect("each kind has several")
    }

    /// The id of a live record that nothing refers to.
    pub(crate) fn spare(&self, object: &str) -> &str {
        self.of(object).last().expect("each kind has several")
    }

    fn of(&self, object: &str) -> &[String] {
        self.live
            .get(object)
            .unwrap_or_else(|| panic!("no tenant is filled with `{object}`; add it to `fill`"))
    }
}

struct Filler<'a> {
    client: &'a Client,
    word: &'a str,
    dice: &'a mut fastrand::Rng,
    filling: Filling,
}

/// Fills the tenant of this administrator.
pub(crate) async fn fill(client: &Client, word: &str, dice: &mut fastrand::Rng) -> Filling {
    let mut filler = Filler { client, word, dice, filling: Filling::default() };
    filler.pipeline().await;
    let owner = client.me().await;
    filler.filling.live.insert("users", vec![owner.clone()]);
    for n in 0..2 {
        let body = json!({ "email": format!("extra{n}@{word}.example"), "name": format!("{word} {n}") });
        filler.make("users", "/api/users", body).await;
    }
    for n in 0..4 {
        filler.customer(n, &owner).await;
        filler.lead(n, &owner).await;
    }
    filler.belongings().await;
    filler.work(&owner).await;
    filler.keys().await;
    filler.deleted().await;
    filler.filling
}

impl Filler<'_> {
    async fn make(&mut self, object: &'static str, path: &str, body: Json) -> String {
        let key = Uuid::from_u128(self.dice.u128(..));
        self.filling.keys.push(key);
        let headers = [("idempotency-key", key.to_string())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = self.client.send(Method::POST, path, &headers, Some(&body)).await;
        assert_eq!(answer.status, 201, "{path} {body}: {answer:?}");
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        self.filling.live.entry(object).or_default().push(id.clone());
        id
    }

    /// One stage more than a new tenant has.
    async fn pipeline(&mut self) {
        let mut stages = self.client.get("/api/pipeline").await.json()["stages"].clone();
        let stage = json!({ "key": format!("{}_stage", self.word), "name": self.word, "kind": "open" });
        stages.as_array_mut().unwrap().insert(1, stage);
        let body = json!({ "stages": stages });
        let answer = self.client.send(Method::PUT, "/api/pipeline", &[], Some(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.filling.stages = answer.json()["stages"].clone();
    }

    async fn customer(&mut self, n: usize, owner: &str) {
        let word = self.word;
        let body = json!({
            "company": format!("{word} works {n}"),
            "name": format!("{word} Ada {n}"),
            "email": format!("ada{n}@{word}.test"),
            "phone": format!("+44 20 7946 000{n}"),
            "website": format!("https://{word}.test/{n}"),
            "city": word,
            "address_line1": format!("{n} {word} Street"),
            "is_active": n != 1,
            "owner_id": owner,
            "external_id": format!("{word}-{n}"),
            "tags": [word],
            "notes": format!("{word} note"),
        });
        self.make("customers", "/api/customers", body).await;
    }

    async fn lead(&mut self, n: usize, owner: &str) {
        let word = self.word;
        let stage = ["qualified", "proposal", "closed_won", "new"][n];
        let body = json!({
            "company": format!("{word} lead {n}"),
            "email": format!("lead{n}@{word}.test"),
            "stage": stage,
            "source": format!("{word} source"),
            "notes": format!("{word} note"),
            "value": { "amount": 1000 + n, "currency": "EUR" },
            "expected_close": format!("2026-0{}-01", n + 4),
            "owner_id": owner,
            "external_id": format!("{word}-{n}"),
            "tags": [word],
        });
        self.make("leads", "/api/leads", body).await;
    }

    /// Contacts and interactions, and a lead that became a customer.
    async fn belongings(&mut self) {
        let word = self.word;
        let (customer, lead) =
            (self.filling.one("customers").to_owned(), self.filling.one("leads").to_owned());
        for n in 0..3 {
            let contact =
                json!({ "name": format!("{word} Bob {n}"), "email": format!("bob{n}@{word}.test") });
            self.make("contacts", &format!("/api/customers/{customer}/contacts"), contact).await;
            let note = json!({ "type": "note", "subject": format!("{word} {n}"), "description": word });
            self.make("interactions", &format!("/api/customers/{customer}/interactions"), note.clone()).await;
            self.make("interactions", &format!("/api/leads/{lead}/interactions"), note).await;
        }
        let won = &self.filling.live["leads"][2];
        let answer = self.client.post(&format!("/api/leads/{won}/convert"), json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.filling.converted = won.clone();
    }

    /// Projects and tasks.
    async fn work(&mut self, owner: &str) {
        let word = self.word;
        let (customer, lead) =
            (self.filling.one("customers").to_owned(), self.filling.one("leads").to_owned());
        for n in 0..2 {
            let body = json!({ "name": format!("{word} {n}"), "customer_id": customer, "description": word });
            self.make("projects", "/api/projects", body).await;
        }
        let project = self.filling.one("projects").to_owned();
        for (field, id) in [("customer_id", customer), ("lead_id", lead), ("project_id", project)] {
            let body = json!({ "title": format!("{word} {field}"), field: id, "assignee_id": owner });
            self.make("tasks", "/api/tasks", body).await;
        }
        self.make("projects", "/api/projects", json!({ "name": format!("{word} spare") })).await;
    }

    /// API keys, which have one name in paths and another in data.
    async fn keys(&mut self) {
        for n in 0..2 {
            let body = json!({ "name": format!("{} {n}", self.word), "role": "member" });
            self.make("api-keys", "/api/api-keys", body).await;
        }
        let keys = self.filling.live["api-keys"].clone();
        self.filling.live.insert("api_keys", keys);
    }

    /// One deleted record of every kind that can be deleted.
    async fn deleted(&mut self) {
        let word = self.word;
        let customer = self.filling.one("customers").to_owned();
        let under = |end: &str| format!("/api/customers/{customer}/{end}");
        let all = [
            ("contacts", under("contacts"), json!({ "name": format!("{word} gone") })),
            ("interactions", under("interactions"), json!({ "type": "note", "subject": word })),
            ("customers", "/api/customers".to_owned(), json!({ "company": format!("{word} gone") })),
            ("leads", "/api/leads".to_owned(), json!({ "company": format!("{word} gone") })),
            ("projects", "/api/projects".to_owned(), json!({ "name": format!("{word} gone") })),
            ("tasks", "/api/tasks".to_owned(), json!({ "title": format!("{word} gone") })),
        ];
        for (object, path, body) in all {
            let id = self.make(object, &path, body).await;
            self.filling.live.get_mut(object).unwrap().pop();
            let answer = self.client.delete(&format!("/api/{object}/{id}")).await;
            assert_eq!(answer.status, 204, "{answer:?}");
            self.filling.deleted.insert(object, id);
        }
    }
}
