//! Lists: filters, search, order, pages.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::world::{Client, World, pairs};

/// Five customers, made one after the other.
async fn five(member: &Client) {
    for (company, city, active) in [
        ("Ada Ltd", Some("London"), true),
        ("Bee AG", Some("Bern"), false),
        ("Cee & Co", None, true),
        ("Dee", Some("London"), true),
        ("Émile", Some("Paris"), false),
    ] {
        member.make("/api/customers", json!({ "company": company, "city": city, "is_active": active })).await;
    }
}

fn companies(page: &Json) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|record| record["company"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn filters_search_and_order_find_what_they_say() {
    let world = World::new().await;
    let member = world.member().await;
    five(&member).await;
    let cases: &[(&str, &[&str])] = &[
        ("", &["Émile", "Dee", "Cee & Co", "Bee AG", "Ada Ltd"]),
        ("sort=created_at", &["Ada Ltd", "Bee AG", "Cee & Co", "Dee", "Émile"]),
        ("sort=-company", &["Émile", "Dee", "Cee & Co", "Bee AG", "Ada Ltd"]),
        ("sort=company&limit=2", &["Ada Ltd", "Bee AG"]),
        ("city=London&sort=company", &["Ada Ltd", "Dee"]),
        ("city[eq]=London&sort=company", &["Ada Ltd", "Dee"]),
        ("city[ne]=London&sort=company", &["Bee AG", "Cee & Co", "Émile"]),
        ("city[in]=Bern,Paris&sort=company", &["Bee AG", "Émile"]),
        ("city%5Bin%5D=Bern%2CParis&sort=company", &["Bee AG", "Émile"]),
        ("city[is_null]=true", &["Cee & Co"]),
        ("city[is_null]=false&sort=company", &["Ada Ltd", "Bee AG", "Dee", "Émile"]),
        ("city[prefix]=Lon&sort=company", &["Ada Ltd", "Dee"]),
        ("company[gt]=Bee+AG&company[lte]=Dee&sort=company", &["Cee & Co", "Dee"]),
        ("company[gte]=Bee%20AG&company[lt]=Dee&sort=company", &["Bee AG", "Cee & Co"]),
        ("company=Cee%20%26%20Co", &["Cee & Co"]),
        ("is_active=false&sort=company", &["Bee AG", "Émile"]),
        ("is_active=true&city=London&sort=-company", &["Dee", "Ada Ltd"]),
        ("search=emile", &["Émile"]),
        ("search=LON%20ltd", &["Ada Ltd"]),
        ("search=&sort=company&limit=1", &["Ada Ltd"]),
        ("created_at[gt]=2020-01-01T00:00:00Z&sort=company&limit=1", &["Ada Ltd"]),
        ("created_at[lt]=2020-01-01", &[]),
        ("sort=-created_at,company&limit=1", &["Émile"]),
    ];
    for (query, expected) in cases {
        let page = member.get(&format!("/api/customers?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {page:?}");
        assert_eq!(companies(&page.json()), *expected, "{query}");
    }
}

#[tokio::test]
async fn values_are_compared_by_the_kind_of_their_field() {
    let world = World::new().await;
    let member = world.member().await;
    for (company, amount, close) in [("A", 900, "2026-01-31"), ("B", 10_000, "2026-02-28")] {
        let value = json!({ "amount": amount, "currency": "EUR" });
        let lead = json!({ "company": company, "value": value, "expected_close": close, "email": "Ada@Example.com" });
        member.make("/api/leads", lead).await;
    }
    for (query, expected) in [
        ("value[gt]=1000", &["B"][..]),
        ("value[lte]=900", &["A"]),
        ("expected_close[lt]=2026-02-01", &["A"]),
        ("email=ADA@example.com&sort=company", &["A", "B"]),
        ("sort=-value", &["B", "A"]),
    ] {
        let page = member.get(&format!("/api/leads?{query}")).await;
        assert_eq!(companies(&page.json()), expected, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let world = World::new().await;
    let member = world.member().await;
    five(&member).await;
    for query in ["sort=company", "sort=-email", "", "is_active=true", "search=e&sort=email,company"] {
        let whole = member.get(&format!("/api/customers?{query}")).await.json();
        assert_eq!(whole["next_cursor"], Json::Null);
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = member.get(&format!("/api/customers?{query}&limit=2&count=true{cursor}")).await.json();
            assert_eq!(page["total"], whole["data"].as_array().unwrap().len(), "{query}");
            seen.extend(page["data"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(Json::from(seen), whole["data"], "{query}");
    }
}

#[tokio::test]
async fn a_page_has_50_records_unless_asked_and_never_more_than_200() {
    let world = World::new().await;
    let member = world.member().await;
    for _ in 0..205 {
        member.make("/api/leads", json!({ "company": "Ada" })).await;
    }
    for (query, expected) in [("", 50), ("?limit=1", 1), ("?limit=200", 200)] {
        let page = member.get(&format!("/api/leads{query}")).await.json();
        assert_eq!(page["data"].as_array().unwrap().len(), expected);
        assert!(page["next_cursor"].is_string());
        assert!(page.get("total").is_none());
    }
    for limit in ["0", "201", "-1", "x", "", "99999999999999999999"] {
        let refused = member.get(&format!("/api/leads?limit={limit}")).await;
        assert_eq!(refused.bad_parameters()[0].0, "limit", "{limit}");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query() {
    let world = World::new().await;
    let member = world.member().await;
    five(&member).await;
    let page = member.get("/api/customers?limit=1&sort=company").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in [
        format!("limit=1&cursor={cursor}"),
        format!("limit=1&sort=-company&cursor={cursor}"),
        format!("limit=1&sort=company&city=Bern&cursor={cursor}"),
        format!("limit=1&sort=company&search=a&cursor={cursor}"),
        format!("limit=1&sort=company&cursor={cursor}x"),
        format!("limit=1&sort=company&cursor={}", &cursor[1..]),
        "limit=1&sort=company&cursor=".to_owned(),
        "limit=1&sort=company&cursor=nonsense".to_owned(),
    ] {
        member.get(&format!("/api/customers?{query}")).await.is_problem(400, "bad_cursor");
    }
    let other = member.get(&format!("/api/leads?limit=1&cursor={cursor}")).await;
    other.is_problem(400, "bad_cursor");
    assert_eq!(member.get(&format!("/api/customers?limit=4&sort=company&cursor={cursor}")).await.status, 200);
}

#[tokio::test]
async fn everything_wrong_with_a_query_is_named_at_once() {
    let world = World::new().await;
    let member = world.member().await;
    let query = "limit=0&count=maybe&bogus=1&created_at=yesterday&is_active=1&city[like]=x&city[is_null]=2\
                 &notes=x&tags=x&owner_id=7&email_key=x&search=a&search=b&deleted_at=x&city[=x";
    let faults = member.get(&format!("/api/customers?{query}")).await.bad_parameters();
    let expected = [
        ("bogus", "unknown_parameter"),
        ("city[", "unknown_parameter"),
        ("city[is_null]", "invalid_value"),
        ("city[like]", "unknown_operator"),
        ("count", "invalid_value"),
        ("created_at", "invalid_value"),
        ("deleted_at", "unknown_parameter"),
        ("email_key", "unknown_parameter"),
        ("is_active", "invalid_value"),
        ("limit", "out_of_range"),
        ("notes", "unknown_parameter"),
        ("owner_id", "invalid_value"),
        ("search", "repeated"),
        ("tags", "unknown_parameter"),
    ];
    assert_eq!(faults, pairs(&expected));
    for (query, parameter) in [
        ("sort=notes", "sort"),
        ("sort=", "sort"),
        ("sort=company,name,email", "sort"),
        ("is_active[prefix]=true", "is_active"),
        ("created_at[prefix]=2026-01-01", "created_at"),
    ] {
        let faults = member.get(&format!("/api/customers?{query}")).await.bad_parameters();
        assert_eq!(faults[0].0, parameter, "{query}");
    }
    let many: Vec<String> = (0..600).map(|number| number.to_string()).collect();
    let faults = member.get(&format!("/api/customers?city[in]={}", many.join(","))).await.bad_parameters();
    assert_eq!(faults[0].0, "city");
    let long = "x".repeat(201);
    let faults = member.get(&format!("/api/customers?search={long}")).await.bad_parameters();
    assert_eq!(faults, pairs(&[("search", "too_long")]));
}

#[tokio::test]
async fn a_query_that_is_no_text_is_malformed() {
    let world = World::new().await;
    let member = world.member().await;
    for query in ["city=%FF", "%FF=x", "search=%00", "search=a%ED%A0%80"] {
        member.get(&format!("/api/customers?{query}")).await.is_problem(400, "malformed_query");
    }
    for query in
        ["search=%25%5F%27%22*%28", "search=%F0%9F%8C%9E", "search=e%CC%81", "city=a%2", "&&search=a&"]
    {
        assert_eq!(member.get(&format!("/api/customers?{query}")).await.status, 200, "{query}");
    }
}

#[tokio::test]
async fn routes_that_are_no_lists_take_no_parameters() {
    let world = World::new().await;
    let admin = world.admin().await;
    let mut asked = BTreeSet::new();
    for route in crm_http::routes(true).iter().filter(|route| !route.open) {
        let path = route.path.replace("{id}", "0192f0c1-7c57-7bd1-a111-000000000000");
        // Where there is no such record, that is said first.
        let answer = admin.call(route.method.clone(), &format!("{path}?bogus=1"), &[], None).await;
        if answer.status == 404 {
            continue;
        }
        let missing = match route.name.as_str() {
            "analytics_timeseries" => &[("metric", "required")][..],
            "search" => &[("q", "required")],
            // A socket is opened before anything is asked.
            "live_socket" => continue,
            _ => &[],
        };
        let expected = [&[("bogus", "unknown_parameter")], missing].concat();
        assert_eq!(answer.bad_parameters(), pairs(&expected), "{route:?}");
        asked.insert(route.name.clone());
    }
    assert_eq!(asked.len(), 73, "{asked:?}");
}
