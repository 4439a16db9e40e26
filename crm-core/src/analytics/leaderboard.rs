//! The leaderboard: who won what in a period.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Serialize;
use uuid::Uuid;

use super::{Analytics, Period, Purse, kind_of, parts};
use crate::{Currency, Entity, Id, MAX_IDS, Money, Record, Result, StageKind, User};

/// What one owner won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leader {
    /// The user; `None` for leads that nobody owns.
    pub owner_id: Option<Id<User>>,
    /// The user's name, or the e-mail address of one without; `None` for nobody.
    pub name: Option<String>,
    /// How many leads of theirs were won.
    pub won: i64,
    /// What those are worth, by currency.
    pub value: Vec<Money>,
}

impl Analytics<'_> {
    /// Who won what in a period, highest first: by value in the currency in which most was won in all, then by the
    /// number of leads.
    ///
    /// # Errors
    /// As [`overview`](Self::overview).
    pub async fn leaderboard(&self, period: Period) -> Result<Vec<Leader>> {
        let pipeline = self.pipeline().await?;
        let names = ["leads.closed_owner", "leads.closed_owner_value"];
        let counters = self.by_day(&names, period).await?;
        let is_won = |stage: &str| kind_of(&pipeline, stage) == Some(StageKind::Won);
        let mut sums: BTreeMap<&str, (i64, Purse)> = BTreeMap::new();
        for (key, count) in counters.of("leads.closed_owner") {
            if let Some([_, stage, owner]) = parts(key)
                && is_won(stage)
            {
                sums.entry(owner).or_default().0 += count;
            }
        }
        let mut all = Purse::default();
        for (key, amount) in counters.of("leads.closed_owner_value") {
            if let Some([_, stage, owner, currency]) = parts(key)
                && is_won(stage)
            {
                sums.entry(owner).or_default().1.add(currency, i128::from(amount));
                all.add(currency, i128::from(amount));
            }
        }
        // In whole units: a yen is its own least part, a euro has a hundred.
        let whole = |(currency, amount): &(Currency, i128)| amount / 10_i128.pow(currency.minor_digits());
        let main = all.0.into_iter().max_by_key(whole).map(|(currency, _)| currency);
        let owners: Vec<Uuid> = sums.keys().filter_map(|owner| owner.parse().ok()).collect();
        let names = self.names(&owners).await?;
        let mut leaders = Vec::new();
        for (owner, (won, value)) in sums {
            let owner_id: Option<Id<User>> = owner.parse().ok();
            let name = owner_id.and_then(|id| names.get(&id.uuid()).cloned());
            let highest = main.and_then(|main| value.0.get(&main).copied()).unwrap_or(0);
            leaders.push((highest, Leader { owner_id, name, won, value: value.into_list()? }));
        }
        leaders.sort_by_key(|(highest, leader)| Reverse((*highest, leader.won)));
        Ok(leaders.into_iter().map(|(_, leader)| leader).collect())
    }

    async fn names(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, String>> {
        let mut names = BTreeMap::new();
        for ids in ids.chunks(MAX_IDS) {
            for row in self.handle.store.get(self.scope, User::object(), ids).await? {
                let user = Record::<User>::from_row(row)?;
                let User { name, email, .. } = user.data;
                names.insert(user.id.uuid(), name.unwrap_or(email));
            }
        }
        Ok(names)
    }
}
