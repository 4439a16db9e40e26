//! Answers that are given again while nothing has happened in the tenant since.
//!
//! The number of the last event in a tenant's log stands for everything that is in the tenant. So an answer that rests on
//! nothing else holds as long as that number does: it needs no look at any record to be given again, and a client that
//! has it already needs only be told so.

use std::sync::Arc;

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_core::permission;
use quick_cache::{Weighter, sync::Cache};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    call::{Answer, Call, digest},
    etag,
    problem::Problem,
};

/// What an answer weighs beside its content, in bytes.
const OVERHEAD: u64 = 200;
/// A typical answer has so many bytes: what the number of places is reckoned by.
const TYPICAL: usize = 8 * 1024;
/// Days begin at a quarter of an hour in every time zone.
const QUARTER: i64 = 15 * 60;

/// What an answer rests on beside the tenant, the question and what its caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rests {
    /// The tenant's log.
    Log,
    /// The log, and what day it is where the tenant is.
    Day,
    /// The log, the day, and who asks.
    Caller,
    /// Something that no log tells of.
    More,
}

#[derive(Clone, Debug)]
struct Kept {
    head: i64,
    content: Bytes,
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Uuid, Arc<Kept>> for Weight {
    fn weight(&self, _: &Uuid, kept: &Arc<Kept>) -> u64 {
        kept.content.len() as u64 + OVERHEAD
    }
}

/// The answers that are kept, within a bound of memory. Those that are asked for the least go first.
#[derive(Debug)]
pub(crate) struct Answers(Cache<Uuid, Arc<Kept>, Weight>);

impl Answers {
    /// At most so many bytes of answers.
    pub(crate) fn within(bytes: usize) -> Self {
        Self(Cache::with_weighter((bytes / TYPICAL).max(16), bytes as u64, Weight))
    }

    /// How many bytes there are.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

impl Call {
    /// An answer that rests on what is said, made anew only if that has changed: 200, or 304 if the client has it.
    pub(crate) async fn kept<B: Serialize>(
        &self,
        rests: Rests,
        make: impl AsyncFnOnce() -> Result<B, Problem>,
    ) -> Answer {
        if rests == Rests::More {
            return self.found(&make().await?, None);
        }
        // It is read before the records are, so that what is kept is never older than it says.
        let head = self.crm().head(&self.scope).await?;
        let onlooker = self.onlooker(rests);
        // What is asked for is in the address: the tag says which moment of it this is, and nothing about the question.
        let moment = digest(&[&onlooker.to_string(), &head.to_string()]);
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(moment));
        let value = HeaderValue::from_str(&tag).map_err(Problem::internal)?;
        let (path, query) = (self.parts.uri.path(), self.parts.uri.query().unwrap_or_default());
        let question = digest(&[&onlooker.to_string(), path, query]);
        let answers = &self.shared.answers;
        let content = match answers.0.get(&question).filter(|kept| kept.head == head) {
            Some(kept) => kept.content.clone(),
            // A question that cannot be answered is refused, whatever the client says that it has.
            None => {
                let content = serde_json::to_vec(&make().await?).map_err(Problem::internal)?;
                // What is kept has no room to grow, which would be up to as much again and in no bound.
                let content = Bytes::from(content.into_boxed_slice());
                answers.0.insert(question, Arc::new(Kept { head, content: content.clone() }));
                content
            }
        };
        if etag::is_known(&self.parts.headers, &tag) {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, value)]).into_response());
        }
        Ok(whole(value, content))
    }

    /// In which tenant, by whom and when something is asked, as far as the answer rests on it.
    fn onlooker(&self, rests: Rests) -> Uuid {
        let (tenant, sight) = (self.scope.tenant().to_string(), permission::sight(&self.scope));
        let sight = sight.map_or("", |role| role.name());
        let now = match rests {
            Rests::Log => 0,
            _ => self.crm().now().timestamp().div_euclid(QUARTER),
        };
        let actor = self.scope.actor();
        let caller = if rests == Rests::Caller { (actor.kind().name(), actor.id()) } else { ("", "") };
        digest(&[&tenant, sight, &now.to_string(), caller.0, caller.1])
    }
}

fn whole(tag: HeaderValue, content: Bytes) -> Response {
    ([(header::ETAG, tag), crate::call::json_type()], content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_within_its_bound() {
        let answers = Answers::within(1 << 20);
        for nth in 0..10_000_u128 {
            let content = Bytes::from(vec![b'x'; 1 + usize::try_from(nth % 5_000).unwrap()]);
            answers.0.insert(Uuid::from_u128(nth), Arc::new(Kept { head: 1, content }));
            assert!(answers.bytes() <= 1 << 20);
        }
        assert!(answers.bytes() > 1 << 19, "and makes use of it");
        let large = Bytes::from(vec![b'x'; 2 << 20]);
        answers.0.insert(Uuid::from_u128(7), Arc::new(Kept { head: 1, content: large }));
        assert!(answers.bytes() <= 1 << 20);
    }
}
