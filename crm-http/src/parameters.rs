//! Query parameters: each known by name, none twice, and all that is wrong with them said at once.

use std::str::FromStr;

use crm_core::{Condition, Direction, Entity, Error, Object, Operator, Query, Sort};
use percent_encoding::percent_decode;

use crate::problem::{Fault, Problem};

/// The records of a page when nobody says how many.
pub(crate) const DEFAULT_LIMIT: u32 = 50;
/// The most records of a page.
pub(crate) const MAX_LIMIT: u32 = 200;

/// The most parameters of a query.
const MAX_PARAMETERS: usize = 100;

/// The parameters of one request that nobody has asked for yet, and the faults found in the others.
#[derive(Debug)]
pub(crate) struct Parameters {
    left: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Parameters {
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let mut own = Self { left: Vec::new(), faults: Vec::new() };
        let pairs = || query.split('&').filter(|pair| !pair.is_empty());
        if pairs().nth(MAX_PARAMETERS).is_some() {
            let detail = format!("the query has more than {MAX_PARAMETERS} parameters");
            return Err(Problem::bad_request("malformed_query", detail));
        }
        for pair in pairs() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                let detail = "the query is not percent-encoded UTF-8 without NUL";
                return Err(Problem::bad_request("malformed_query", detail));
            };
            if own.left.iter().any(|(known, _)| *known == name) {
                own.fault(&name, "repeated", "is there twice");
            } else {
                own.left.push((name, value));
            }
        }
        Ok(own)
    }

    pub(crate) fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.faults.push(Fault::parameter(name, code, detail));
    }

    /// Whether a parameter is there that nobody has asked for yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(own, _)| own == name)
    }

    /// The text of a parameter.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.left.iter().position(|(own, _)| own == name)?;
        Some(self.left.swap_remove(index).1)
    }

    /// A parameter that is one value of a kind.
    pub(crate) fn take_as<V: FromStr>(&mut self, name: &str, what: &str) -> Option<V> {
        let text = self.take(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.fault(name, "invalid_value", format!("must be {what}"));
        }
        value
    }

    /// How many records a page shall have.
    pub(crate) fn limit(&mut self) -> u32 {
        self.limit_within(DEFAULT_LIMIT, MAX_LIMIT)
    }

    /// The same with other bounds.
    pub(crate) fn limit_within(&mut self, default: u32, most: u32) -> u32 {
        let limit: u32 = self.take_as("limit", "a whole number").unwrap_or(default);
        if !(1..=most).contains(&limit) {
            self.fault("limit", "out_of_range", format!("must be from 1 to {most}"));
        }
        limit
    }

    /// What is left, in an order of its own: what a cursor is bound to.
    pub(crate) fn rest(&self) -> Vec<(String, String)> {
        let mut rest = self.left.clone();
        rest.sort();
        rest
    }

    /// Nothing may be left, and nothing may have been wrong.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.left) {
            self.fault(&name, "unknown_parameter", "is no parameter of this route");
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::bad_parameters(self.faults)) }
    }

    /// The question of a list: filters, search, order, page, and whether the total is wanted.
    pub(crate) fn list<T: Entity>(mut self) -> Result<(Query<T>, bool), Problem> {
        let mut query = Query::new().limit(self.limit());
        let count = self.take_as("count", "`true` or `false`").unwrap_or(false);
        if let Some(cursor) = self.take("cursor") {
            query = query.after(cursor);
        }
        if let Some(search) = self.take("search") {
            query = query.search(search);
        }
        for key in self.take("sort").iter().flat_map(|sort| sort.split(',')) {
            let (name, direction) = match key.strip_prefix('-') {
                Some(name) => (name, Direction::Descending),
                None => (key, Direction::Ascending),
            };
            query = query.sort(Sort::new(name, direction));
        }
        for (parameter, value) in std::mem::take(&mut self.left) {
            match condition::<T>(&parameter, &value) {
                Ok(condition) => query = query.filter(condition),
                Err((code, detail)) => self.fault(&parameter, code, detail),
            }
        }
        self.finish()?;
        Ok((query, count))
    }
}

/// What the engine objects to in a query, said of its parameters.
pub(crate) fn refused(error: Error) -> Problem {
    match error {
        Error::Invalid { violations } => {
            let fault = |violation: crm_core::Violation| {
                let name = violation.pointer.trim_start_matches('/').to_owned();
                Fault::parameter(name, violation.code, violation.detail)
            };
            Problem::bad_parameters(violations.into_iter().map(fault).collect())
        }
        error => error.into(),
    }
}

/// Reads `FIELD=value` or `FIELD[op]=value`.
fn condition<T: Entity>(parameter: &str, text: &str) -> Result<Condition<T>, (&'static str, String)> {
    let object: &'static Object = T::object();
    let (name, operator) = match parameter.strip_suffix(']').and_then(|inner| inner.split_once('[')) {
        Some((name, operator)) => (name, operator),
        None => (parameter, "eq"),
    };
    let key = object.key(name).filter(|key| object.is_filterable(*key));
    let key =
        key.ok_or_else(|| ("unknown_parameter", format!("is nothing that lists of {} take", object.name)))?;
    let operator = match operator {
        "eq" => Operator::Eq,
        "ne" => Operator::Ne,
        "gt" => Operator::Gt,
        "gte" => Operator::Gte,
        "lt" => Operator::Lt,
        "lte" => Operator::Lte,
        "in" => Operator::In,
        "prefix" => Operator::Prefix,
        "is_null" => Operator::IsNull,
        _ => {
            let known = "`ne`, `gt`, `gte`, `lt`, `lte`, `in`, `prefix`, `is_null`";
            return Err((
                "unknown_operator",
                format!("compares in no way that is known; these are: {known}"),
            ));
        }
    };
    if operator == Operator::IsNull {
        let empty = Condition::new(name, operator, Vec::new());
        return match text {
            "true" => Ok(empty),
            "false" => Ok(empty.not()),
            _ => Err(("invalid_value", "must be `true` or `false`".to_owned())),
        };
    }
    let texts: Vec<&str> = if operator == Operator::In { text.split(',').collect() } else { vec![text] };
    let values: Result<Vec<_>, String> = texts.into_iter().map(|text| object.parse(key, text)).collect();
    Ok(Condition::new(name, operator, values.map_err(|detail| ("invalid_value", detail))?))
}

/// One side of a pair, decoded strictly: an oddity that is mended silently would be compared as something else.
fn decode(text: &str) -> Option<String> {
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    let text = percent_decode(&bytes).decode_utf8().ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}
