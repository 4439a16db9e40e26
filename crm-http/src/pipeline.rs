//! The tenant's pipeline, read and replaced as a whole.

use axum::{body::Body, http::StatusCode};
use crm_core::{Action, Entity, Faults, Pipeline, Probability, Result, Stage, StageKind, Stages};
use serde_json::{Map, Value as Json};

use crate::{
    call::{Answer, Call, guarded},
    etag,
    problem::Problem,
};

/// `GET /api/pipeline`
pub(crate) async fn read(call: Call) -> Answer {
    call.allow(Action::Read, Pipeline::object())?;
    call.no_parameters()?;
    let pipeline = call.records::<Pipeline>().get(Pipeline::of(call.scope.tenant())).await?;
    call.found(&pipeline, Some(etag::of_record(&pipeline)))
}

/// `PUT /api/pipeline`
pub(crate) async fn replace(call: Call, body: Body) -> Answer {
    call.allow(Action::Update, Pipeline::object())?;
    call.no_parameters()?;
    let stages = stages(&call.object(body).await?)?;
    let id = Pipeline::of(call.scope.tenant());
    let expected = call.expected(id).await?;
    let mut patch = Map::new();
    patch.insert("stages".to_owned(), serde_json::to_value(&stages).map_err(Problem::internal)?);
    let changed = call.records::<Pipeline>().patch(id, expected, &patch).await;
    call.changed(StatusCode::OK, &changed.map_err(|error| guarded::<Pipeline>(error, expected))?)
}

/// Reads `{"stages": [...]}` with a pointer to everything in it that has the wrong shape. What the stages must be
/// among themselves is the engine's to check.
fn stages(input: &Map<String, Json>) -> Result<Stages> {
    let mut faults = Faults::default();
    for name in input.keys().filter(|name| *name != "stages") {
        if Pipeline::object().key(name).is_some() || name == "version" {
            faults.field(name, "read_only", "is set by the system and cannot be written");
        } else {
            faults.field(name, "unknown_field", "is no field of a pipeline");
        }
    }
    let mut stages = Vec::new();
    match input.get("stages") {
        Some(Json::Array(list)) => {
            for (index, json) in list.iter().enumerate() {
                stages.extend(Form { index: index.to_string(), faults: &mut faults }.stage(json));
            }
        }
        Some(_) => faults.field("stages", "wrong_type", "must be a list of stages"),
        None => faults.field("stages", "required", "must be given"),
    }
    faults.into_result()?;
    Ok(Stages(stages))
}

/// One stage as it came in.
struct Form<'a> {
    index: String,
    faults: &'a mut Faults,
}

impl Form<'_> {
    fn stage(&mut self, json: &Json) -> Option<Stage> {
        let Some(stage) = json.as_object() else {
            let detail = "must be an object with `key`, `name` and `kind`";
            self.faults.inside(&["stages", &self.index], "wrong_type", detail);
            return None;
        };
        let known = ["key", "name", "kind", "qualified", "probability"];
        for name in stage.keys().filter(|name| !known.contains(&name.as_str())) {
            self.faults.inside(&["stages", &self.index, name], "unknown_field", "is no field of a stage");
        }
        let key = self.text(stage, "key");
        let name = self.text(stage, "name");
        let kind = self.kind(stage);
        let qualified = match stage.get("qualified") {
            None => Some(false),
            Some(Json::Bool(qualified)) => Some(*qualified),
            Some(_) => self.fault("qualified", "wrong_type", "must be true or false"),
        };
        let probability = self.probability(stage);
        Some(Stage { key: key?, name: name?, kind: kind?, qualified: qualified?, probability: probability? })
    }

    fn fault<V>(&mut self, name: &str, code: &'static str, detail: &str) -> Option<V> {
        self.faults.inside(&["stages", &self.index, name], code, detail);
        None
    }

    fn text(&mut self, stage: &Map<String, Json>, name: &str) -> Option<String> {
        match stage.get(name) {
            Some(Json::String(text)) => Some(text.clone()),
            Some(_) => self.fault(name, "wrong_type", "must be a text"),
            None => self.fault(name, "required", "must be given"),
        }
    }

    fn kind(&mut self, stage: &Map<String, Json>) -> Option<StageKind> {
        match self.text(stage, "kind")?.as_str() {
            "open" => Some(StageKind::Open),
            "won" => Some(StageKind::Won),
            "lost" => Some(StageKind::Lost),
            _ => self.fault("kind", "unknown_choice", "must be one of `open`, `won`, `lost`"),
        }
    }

    fn probability(&mut self, stage: &Map<String, Json>) -> Option<Probability> {
        let Some(given) = stage.get("probability") else { return Some(Probability::default()) };
        let share = given.as_f64().filter(|share| (0.0..=1.0).contains(share));
        let Some(share) = share else {
            return self.fault("probability", "out_of_range", "must be a number from 0 to 1");
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000 fits")]
        Probability::parts((share * f64::from(Probability::PARTS)).round() as u16)
    }
}
