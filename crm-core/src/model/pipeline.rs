//! The pipeline: the stages that a tenant's leads go through.

use std::{collections::HashSet, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    Access, CounterQuery, Entity, Error, Faults, Field, FieldType, Id, Kind, Object, Plan, Record, Result,
    Row, Rules, Tally, TenantId, Value, entity,
};

const MAX_STAGES: usize = 50;

entity! {
    /// The stages of a tenant's leads. Each tenant has one pipeline, whose id is the tenant's.
    pub struct Pipeline {
        /// The stages, in order.
        STAGES stages: Stages = Stages(default_stages()) => Field::structure().required();
    }
}

/// A list of stages, as a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Stages(pub Vec<Stage>);

/// A stage of the pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The key that leads carry: `qualified`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 50), regex(pattern = "^[a-z0-9_]+$")))]
    pub key: String,
    /// The name that people see: `Qualified`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub name: String,
    /// Whether a lead in it is open, won or lost.
    pub kind: StageKind,
    /// Whether a lead in it counts as qualified.
    #[serde(default)]
    pub qualified: bool,
    /// How likely a lead in it is won, from 0 to 1, kept to four digits after the point.
    #[serde(default)]
    pub probability: Probability,
}

/// A probability in steps of 1/10,000; in JSON a number from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probability(u16);

impl Probability {
    /// How many parts make certainty.
    pub const PARTS: u16 = 10_000;

    /// So many of 10,000 parts; `None` beyond certainty.
    pub const fn parts(parts: u16) -> Option<Self> {
        if parts <= Self::PARTS { Some(Self(parts)) } else { None }
    }

    /// This share of an amount, rounded half away from zero.
    pub fn of(self, amount: i128) -> i128 {
        let parts = i128::from(Self::PARTS);
        let weighted = amount * i128::from(self.0);
        (weighted + weighted.signum() * parts / 2) / parts
    }
}

impl Serialize for Probability {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / f64::from(Self::PARTS))
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = f64::deserialize(deserializer)?;
        if !(0.0..=1.0).contains(&share) {
            return Err(serde::de::Error::custom("`probability` must be from 0 to 1"));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000 fits")]
        Ok(Self((share * f64::from(Self::PARTS)).round() as u16))
    }
}

/// What it means for a lead to be in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// It is being worked on.
    Open,
    /// It became business.
    Won,
    /// It came to nothing.
    Lost,
}

impl StageKind {
    /// Whether a lead that enters the stage is closed by it.
    pub fn is_closing(self) -> bool {
        self != Self::Open
    }
}

fn default_stages() -> Vec<Stage> {
    let stage = |key: &str, name: &str, kind, qualified, parts| Stage {
        key: key.into(),
        name: name.into(),
        kind,
        qualified,
        probability: Probability(parts),
    };
    vec![
        stage("new", "New", StageKind::Open, false, 1_000),
        stage("contacted", "Contacted", StageKind::Open, false, 2_000),
        stage("qualified", "Qualified", StageKind::Open, true, 4_000),
        stage("proposal", "Proposal", StageKind::Open, true, 6_000),
        stage("closed_won", "Closed Won", StageKind::Won, true, 10_000),
        stage("closed_lost", "Closed Lost", StageKind::Lost, false, 0),
    ]
}

impl Default for Stages {
    fn default() -> Self {
        Self(default_stages())
    }
}

impl FieldType for Stages {
    type Plain = Self;
    const KIND: Kind = Kind::Json;
    const OPTIONAL: bool = false;

    fn to_value(&self) -> Value {
        Value::Json(serde_json::to_value(&self.0).unwrap_or(Json::Null))
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Json(json) => serde_json::from_value(json).ok(),
            _ => None,
        }
    }
    fn from_plain(plain: Self) -> Self {
        plain
    }
}

static OBJECT: LazyLock<Object> =
    LazyLock::new(|| Object::new("pipelines", "pipeline", Access::Settings, Pipeline::fields(), tally));

fn tally(_: &Row, _: &mut Tally<'_>) {}

impl Pipeline {
    /// The id of a tenant's pipeline.
    pub fn of(tenant: TenantId) -> Id<Self> {
        Id::from_uuid(tenant.uuid())
    }

    /// The stage with this key.
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.0.iter().find(|stage| stage.key == key)
    }

    /// The stage that a new lead starts in: the first open one.
    pub fn first(&self) -> Option<&Stage> {
        self.stages.0.iter().find(|stage| stage.kind == StageKind::Open)
    }

    /// The stage that a won lead ends in: the first won one.
    pub fn won(&self) -> Option<&Stage> {
        self.stages.0.iter().find(|stage| stage.kind == StageKind::Won)
    }
}

impl Entity for Pipeline {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn check(&self, _: &Rules<'_, Self>, faults: &mut Faults) {
        let stages = &self.stages.0;
        if stages.len() > MAX_STAGES {
            faults.field("stages", "too_many", format!("must have at most {MAX_STAGES} entries"));
        }
        for (kind, word) in [(StageKind::Open, "open"), (StageKind::Won, "won"), (StageKind::Lost, "lost")] {
            if !stages.iter().any(|stage| stage.kind == kind) {
                faults.field(
                    "stages",
                    "missing_kind",
                    format!("must have at least one stage of kind `{word}`"),
                );
            }
        }
        let mut keys = HashSet::new();
        for (index, stage) in stages.iter().enumerate() {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if stage.key.is_empty() || stage.key.len() > 50 || !stage.key.bytes().all(plain) {
                let detail = format!("has the key `{}`: use 1 to 50 of `a-z`, `0-9` and `_`", stage.key);
                faults.inside(&["stages", &index.to_string(), "key"], "invalid_key", detail);
            } else if !keys.insert(&stage.key) {
                faults.inside(
                    &["stages", &index.to_string(), "key"],
                    "duplicate_key",
                    format!("`{}` is there twice", stage.key),
                );
            }
            let name = stage.name.trim();
            if name.is_empty() || stage.name.chars().count() > 100 || name.chars().any(char::is_control) {
                faults.inside(
                    &["stages", &index.to_string(), "name"],
                    "invalid_name",
                    "must have 1 to 100 plain characters",
                );
            }
        }
    }

    fn manage(&self, _: &Rules<'_, Self>) {}

    async fn guard(
        plan: &mut Plan<'_>,
        before: Option<&Record<Self>>,
        after: Option<&Record<Self>>,
    ) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        let Some(after) = after else {
            return Err(Error::Conflict(crate::Conflict::Rule("a pipeline cannot be deleted, only changed")));
        };
        let emptied = before.stages.0.iter().filter(|old| {
            after.stage(&old.key).is_none_or(|new| new.kind.is_closing() != old.kind.is_closing())
        });
        let emptied: Vec<&str> = emptied.map(|stage| stage.key.as_str()).collect();
        if emptied.is_empty() {
            return Ok(());
        }
        let counters = plan.counters(&CounterQuery::of(&["leads"])).await?;
        for key in emptied {
            let count = counters.value("leads", key);
            if count > 0 {
                let detail =
                    format!("cannot do without `{key}` as it is: {count} leads are in it; move them first");
                return Err(Error::invalid("stages", "stage_in_use", detail));
            }
            plan.bound("leads", key, 0, 0, "a stage that leads are in cannot be removed, opened or closed");
        }
        Ok(())
    }
}
