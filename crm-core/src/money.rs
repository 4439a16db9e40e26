//! Money: whole minor units of one ISO 4217 currency, never a float.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// An amount in minor units (cents for EUR, yen for JPY) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

/// The alphabetic code of an ISO 4217 currency that is in use today.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Money {
    /// `amount` minor units of `currency`; `None` if that is no ISO 4217 code in upper case.
    ///
    /// ```
    /// use crm_core::Money;
    /// let price = Money::new(1_234_56, "EUR").unwrap();
    /// assert_eq!((price.amount(), price.currency().code()), (123_456, "EUR"));
    /// assert!(Money::new(1, "eur").is_none() && Money::new(1, "XXY").is_none());
    /// ```
    pub fn new(amount: i64, currency: &str) -> Option<Self> {
        Currency::new(currency).map(|currency| Self { amount, currency })
    }

    /// Minor units.
    pub fn amount(self) -> i64 {
        self.amount
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }
}

impl Currency {
    /// The currency with this code, in upper case; `None` if there is none.
    pub fn new(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code)?;
        code.as_bytes().try_into().ok().map(Self)
    }

    /// Every currency that is in use today, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        let letters = || b'A'..=b'Z';
        let codes =
            letters().flat_map(move |a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
        codes.filter_map(|code| Self::new(std::str::from_utf8(&code).ok()?))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        // The constructor admits ASCII letters alone.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits the minor unit has after the point: 2 for EUR, 0 for JPY.
    pub fn minor_digits(self) -> u32 {
        iso_currency::Currency::from_code(self.code())
            .and_then(iso_currency::Currency::exponent)
            .unwrap_or(0)
            .into()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Money", 2)?;
        fields.serialize_field("amount", &self.amount)?;
        fields.serialize_field("currency", &self.currency)?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            amount: i64,
            currency: String,
        }
        let wire = Wire::deserialize(deserializer)?;
        Self::new(wire.amount, &wire.currency)
            .ok_or_else(|| serde::de::Error::custom("`currency` is no ISO 4217 code"))
    }
}
