//! Descriptors: what an entity is made of, said once. SQL, filters, HTTP, CSV, the log and search derive from them.

use std::fmt;

use crate::{Access, Direction, Kind, Money, Row, Tally, Value, normalize, text};

/// A kind of record: its name, its fields, who may touch it and what is counted about it.
pub struct Object {
    /// The plural, as in tables, routes and the log: `customers`.
    pub name: &'static str,
    /// The singular, as in messages: `customer`.
    pub singular: &'static str,
    /// Who may touch it.
    pub access: Access,
    /// The fields, in the order of a row's values: those that the entity writes, those that its rules manage, and
    /// those that the engine derives from others.
    pub fields: Vec<Field>,
    /// Numbers given to records of this kind, such as LED-001.
    pub series: Option<Series>,
    /// The order of a list when nobody asks for another.
    pub default_sort: (Key, Direction),
    /// What a live row adds to the tenant's counters.
    pub tally: fn(&Row, &mut Tally<'_>),
    /// The names of those counters. One that is called as the object itself counts each live row once, under some key.
    pub counters: &'static [&'static str],
    /// Whether some of those counters are kept by the days of the tenant's calendar.
    pub by_day: bool,
}

/// A series of numbers within a tenant: LED-001, LED-002, ... at least three digits, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// What stands before the number: `LED`.
    pub prefix: &'static str,
    /// The name under which clients see it: `lead_id`.
    pub field: &'static str,
}

impl Series {
    /// The number as people see it.
    pub fn format(self, number: i64) -> String {
        format!("{}-{number:03}", self.prefix)
    }

    /// The number in `LED-001`; `None` for anything else.
    pub fn parse(self, text: &str) -> Option<i64> {
        let digits = text.strip_prefix(self.prefix)?.strip_prefix('-')?;
        let plain = digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| plain && self.format(*number) == text)
    }
}

/// One field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name in columns, JSON, CSV and filters.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub doc: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// What its values must look like.
    pub format: Format,
    /// Whether there must be a value.
    pub required: bool,
    /// Who sets it.
    pub origin: Origin,
    /// Whether search looks at it.
    pub searchable: bool,
    /// Whether lists can be sorted by it; each such field has an index.
    pub sortable: bool,
    /// Whether lists are often narrowed to one value of it; each such field has an index with the default order.
    pub lookup: bool,
    /// Whether lists can be filtered by it.
    pub filterable: bool,
    /// Whether no two live records of a tenant may have the same value.
    pub unique: bool,
    /// The object whose records it refers to.
    pub reference: Option<fn() -> &'static Object>,
    /// Whether its values are kept out of the log and of every answer.
    pub secret: bool,
    /// Whether the rules keep it for the figures alone: neither the log nor any answer knows of it.
    pub hidden: bool,
}

/// Who sets a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever writes the record.
    Written,
    /// The entity's rules; clients see it but cannot set it.
    Managed,
    /// Computed from the field at this index, to compare by; nobody sees it.
    Derived(usize),
}

/// What a value must look like beyond its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Anything of the kind.
    Any,
    /// Text of one line and at most so many characters.
    Line(usize),
    /// Text of many lines and at most so many characters.
    Lines(usize),
    /// An e-mail address; compared by its normalized form.
    Email,
    /// A phone number; compared by its normalized form.
    Phone,
    /// A web address.
    Url,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A key: lower case letters, digits, `_` and `-`, at most so many.
    Slug(usize),
    /// A list of at most 50 short labels.
    Labels,
    /// A money of zero or more.
    Price,
}

/// What a list can be filtered and sorted by: a field, or what every record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The id.
    Id,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
    /// Who made it.
    CreatedBy,
    /// Its number in the object's series.
    Number,
    /// A field, by its index.
    Field(usize),
}

impl Object {
    /// An object of these fields, sorted newest first. Fields that are compared by a normalized form get it appended
    /// as a derived field named `..._key`.
    pub fn new(
        name: &'static str,
        singular: &'static str,
        access: Access,
        fields: Vec<Field>,
        tally: fn(&Row, &mut Tally<'_>),
    ) -> Self {
        let mut fields = fields;
        let derived: Vec<Field> = fields
            .iter()
            .enumerate()
            .filter_map(|(index, field)| Some((index, field, field.derived_name()?)))
            .map(|(index, field, name)| Field {
                name,
                doc: "What its source is compared by.",
                format: Format::Any,
                origin: Origin::Derived(index),
                required: false,
                // A phone number is found with and without its spaces; an address's two forms are searched alike.
                searchable: field.searchable && field.format == Format::Phone,
                ..field.clone()
            })
            .collect();
        fields.extend(derived);
        let default_sort = (Key::CreatedAt, Direction::Descending);
        Self {
            name,
            singular,
            access,
            fields,
            series: None,
            default_sort,
            tally,
            counters: &[],
            by_day: false,
        }
    }

    /// Gives the records numbers.
    #[must_use]
    pub fn numbered(mut self, prefix: &'static str, field: &'static str) -> Self {
        self.series = Some(Series { prefix, field });
        self
    }

    /// Names the counters that the records add to.
    #[must_use]
    pub fn counts(mut self, counters: &'static [&'static str]) -> Self {
        self.counters = counters;
        self
    }

    /// The same where some of them are kept by the days of the tenant's calendar.
    #[must_use]
    pub fn counts_by_day(self, counters: &'static [&'static str]) -> Self {
        Self { by_day: true, ..self.counts(counters) }
    }

    /// Sorts lists by this field, newest or highest first.
    #[must_use]
    pub fn newest_by(mut self, field: &'static str) -> Self {
        if let Some(index) = self.fields.iter().position(|own| own.name == field) {
            self.default_sort = (Key::Field(index), Direction::Descending);
        }
        self
    }

    /// Whether the counter of the object's own name tells how many live rows there are.
    pub fn is_counted(&self) -> bool {
        self.counters.contains(&self.name)
    }

    /// The index of a field among a row's values.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The field of this name that clients can see.
    pub fn public_field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name && field.is_public())
    }

    /// The fields that clients can see.
    pub fn public_fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields.iter().enumerate().filter(|(_, field)| field.is_public())
    }

    /// What a filter or sort by this public name compares: the derived form where a field has one.
    pub fn key(&self, name: &str) -> Option<Key> {
        Some(match name {
            "id" => Key::Id,
            "created_at" => Key::CreatedAt,
            "updated_at" => Key::UpdatedAt,
            "created_by" => Key::CreatedBy,
            _ if self.series.is_some_and(|series| series.field == name) => Key::Number,
            _ => {
                let index = self.fields.iter().position(|field| field.name == name && field.is_public())?;
                Key::Field(self.compared_by(index))
            }
        })
    }

    /// The field that the field at `index` is compared by: its derived form, or itself.
    pub fn compared_by(&self, index: usize) -> usize {
        self.fields.iter().position(|field| field.origin == Origin::Derived(index)).unwrap_or(index)
    }

    /// Whether lists can be sorted by this key.
    pub fn is_sortable(&self, key: Key) -> bool {
        match key {
            Key::Id | Key::CreatedAt | Key::UpdatedAt => true,
            Key::Number => self.series.is_some(),
            Key::CreatedBy => false,
            Key::Field(index) => self.fields.get(index).is_some_and(|field| field.sortable),
        }
    }

    /// Whether lists can be filtered by this key.
    pub fn is_filterable(&self, key: Key) -> bool {
        match key {
            Key::Field(index) => {
                self.fields.get(index).is_some_and(|field| field.filterable && !field.secret)
            }
            Key::Number => self.series.is_some(),
            _ => true,
        }
    }

    /// The kind of value that this key compares with: a money's is its amount.
    pub fn key_kind(&self, key: Key) -> Kind {
        match key {
            Key::Id | Key::CreatedBy => Kind::Id,
            Key::CreatedAt | Key::UpdatedAt => Kind::Time,
            Key::Number => Kind::Int,
            Key::Field(index) => match self.fields.get(index).map(|field| field.kind) {
                Some(Kind::Money) => Kind::Int,
                Some(kind) => kind,
                None => Kind::Json,
            },
        }
    }

    /// Reads what a filter compares with a key from text, as in a query string: LED-001 for a number of the series, a
    /// money's amount for a money.
    ///
    /// # Errors
    /// What it must be instead, to follow the key's name: `must be a whole number`.
    pub fn parse(&self, key: Key, text: &str) -> Result<Value, String> {
        if let (Key::Number, Some(series)) = (key, self.series) {
            let number = series.parse(text).map(Value::Int);
            return number.ok_or_else(|| format!("must be a number such as `{}`", series.format(1)));
        }
        let kind = self.key_kind(key);
        let value = normalize::from_text(kind, text);
        value.ok_or_else(|| format!("must be {}", normalize::text_example(kind)))
    }

    /// Whether a record can be without a value for this key.
    pub fn is_nullable(&self, key: Key) -> bool {
        match key {
            Key::CreatedBy | Key::Number => true,
            Key::Field(index) => self.fields.get(index).is_some_and(|field| !field.required),
            _ => false,
        }
    }

    /// The public name of what a key compares.
    pub fn key_name(&self, key: Key) -> &'static str {
        match key {
            Key::Id => "id",
            Key::CreatedAt => "created_at",
            Key::UpdatedAt => "updated_at",
            Key::CreatedBy => "created_by",
            Key::Number => self.series.map_or("number", |series| series.field),
            Key::Field(index) => self.public_name(index),
        }
    }

    /// The public name of the field at `index`: that of its source for a derived one.
    pub fn public_name(&self, index: usize) -> &'static str {
        match self.fields.get(index) {
            Some(Field { origin: Origin::Derived(source), .. }) => self.public_name(*source),
            Some(field) => field.name,
            None => "",
        }
    }

    /// The unique fields, by index: the derived form where a field has one.
    pub fn unique_fields(&self) -> impl Iterator<Item = usize> + '_ {
        let fields = self.fields.iter().enumerate().filter(|(_, field)| field.unique);
        fields.map(|(index, _)| index).filter(|index| self.compared_by(*index) == *index)
    }

    /// The fields that refer to other records, by index, with what they refer to.
    pub fn references(&self) -> impl Iterator<Item = (usize, &'static Self)> + '_ {
        let fields = self.fields.iter().enumerate();
        fields.filter_map(|(index, field)| field.reference.map(|object| (index, object())))
    }

    /// Whether search finds records of this kind.
    pub fn is_searchable(&self) -> bool {
        self.fields.iter().any(|field| field.searchable)
    }

    /// The normalized text that search looks at: the searchable fields, a line each.
    pub fn search_text(&self, values: &[Value]) -> String {
        let fields = self.fields.iter().zip(values).filter(|(field, _)| field.searchable);
        let texts = fields.filter_map(|(_, value)| value.as_text());
        text::searchable(texts)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Object {}

impl Field {
    fn new(kind: Kind, format: Format) -> Self {
        Self {
            name: "",
            doc: "",
            kind,
            format,
            required: false,
            origin: Origin::Written,
            searchable: false,
            sortable: false,
            lookup: false,
            filterable: kind != Kind::Json,
            unique: false,
            reference: None,
            secret: false,
            hidden: false,
        }
    }

    /// Text of one line, at most `max` characters.
    pub fn line(max: usize) -> Self {
        Self::new(Kind::Text, Format::Line(max))
    }

    /// Text of several lines, at most `max` characters; not filterable.
    pub fn lines(max: usize) -> Self {
        Self { filterable: false, ..Self::new(Kind::Text, Format::Lines(max)) }
    }

    /// An e-mail address, shown as entered, compared by its normalized form.
    pub fn email() -> Self {
        Self::new(Kind::Text, Format::Email)
    }

    /// A phone number, shown as entered, compared by its normalized form.
    pub fn phone() -> Self {
        Self::new(Kind::Text, Format::Phone)
    }

    /// A web address.
    pub fn url() -> Self {
        Self::new(Kind::Text, Format::Url)
    }

    /// One of a closed set of words.
    pub fn choice(words: &'static [&'static str]) -> Self {
        Self::new(Kind::Text, Format::Choice(words))
    }

    /// A key of lower case letters, digits, `_` and `-`.
    pub fn slug(max: usize) -> Self {
        Self::new(Kind::Text, Format::Slug(max))
    }

    /// Yes or no.
    pub fn flag() -> Self {
        Self { required: true, ..Self::new(Kind::Bool, Format::Any) }
    }

    /// A moment.
    pub fn time() -> Self {
        Self::new(Kind::Time, Format::Any)
    }

    /// A day.
    pub fn date() -> Self {
        Self::new(Kind::Date, Format::Any)
    }

    /// A money of zero or more.
    pub fn price() -> Self {
        Self::new(Kind::Money, Format::Price)
    }

    /// A list of labels.
    pub fn labels() -> Self {
        Self::new(Kind::Json, Format::Labels)
    }

    /// A structure that the entity's rules check.
    pub fn structure() -> Self {
        Self::new(Kind::Json, Format::Any)
    }

    /// A bare id that refers to nothing in this tenant.
    pub fn id() -> Self {
        Self::new(Kind::Id, Format::Any)
    }

    /// The id of another record of the same tenant.
    pub fn reference(object: fn() -> &'static Object) -> Self {
        Self { reference: Some(object), lookup: true, ..Self::id() }
    }

    /// There must be a value.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Search looks at it.
    #[must_use]
    pub fn searchable(self) -> Self {
        Self { searchable: true, ..self }
    }

    /// Lists can be sorted by it.
    #[must_use]
    pub fn sortable(self) -> Self {
        Self { sortable: true, ..self }
    }

    /// Lists are often narrowed to one value of it.
    #[must_use]
    pub fn lookup(self) -> Self {
        Self { lookup: true, ..self }
    }

    /// No two live records of a tenant have the same value.
    #[must_use]
    pub fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// Set by the entity's rules, not by clients.
    #[must_use]
    pub fn managed(self) -> Self {
        Self { origin: Origin::Managed, ..self }
    }

    /// Kept out of the log and of every answer.
    #[must_use]
    pub fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Kept by the rules for the figures alone: neither the log nor any answer knows of it.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { hidden: true, filterable: false, ..self.managed() }
    }

    /// With its name and meaning.
    #[must_use]
    pub fn named(self, name: &'static str, doc: &'static str) -> Self {
        Self { name, doc: doc.trim(), ..self }
    }

    /// Whether clients see it.
    pub fn is_public(&self) -> bool {
        !self.secret && !self.hidden && !matches!(self.origin, Origin::Derived(_))
    }

    /// The name of the field that holds the normalized form, for formats that are compared by one.
    fn derived_name(&self) -> Option<&'static str> {
        let derived = matches!(self.format, Format::Email | Format::Phone);
        // Descriptors are made once and live as long as the program, and so may their names.
        derived.then(|| &*String::leak(format!("{}_key", self.name)))
    }
}

/// Whether a money is one that a price can be.
pub(crate) fn is_price(money: Money) -> bool {
    money.amount() >= 0
}
