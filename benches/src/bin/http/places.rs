//! The ids of a tenant's customers and the places of its pages, as a client finds them: page after page.

use crate::client::Client;

/// What a walk has come by.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Every tenth customer.
    pub(crate) ids: Vec<String>,
    /// Where the pages after the first one begin, the last two left out: what begins there may have fewer than fifty.
    pub(crate) cursors: Vec<String>,
    /// All of them.
    pub(crate) customers: usize,
}

/// Walks the list at `first` to its end; `next` is put before a cursor.
pub(crate) async fn walk(client: &Client, first: &str, next: &str) -> Places {
    let mut places = Places::default();
    let mut path = first.to_owned();
    loop {
        let page = client.must(&path, None).await.json;
        let data = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        for record in data {
            if places.customers.is_multiple_of(10) {
                places.ids.extend(record["id"].as_str().map(str::to_owned));
            }
            places.customers += 1;
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{next}{cursor}");
        places.cursors.push(cursor.to_owned());
    }
    places.cursors.truncate(places.cursors.len().saturating_sub(2));
    places
}
