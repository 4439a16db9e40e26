//! Amounts of money as people write them: `1,234.50`, `1.234,50`, `€ 1 234`.

use crm_core::{Currency, Money};

use super::report::shown;

/// Reads an amount of `currency`; why not, if that can be read in no way or in two.
///
/// The last of two kinds of separator is the decimal one. One separator alone is the decimal one unless three digits
/// follow it, which no currency with fewer digits could mean.
///
/// # Errors
/// A message that reads on from the name of the column.
pub(super) fn read(entered: &str, currency: Currency) -> Result<Money, String> {
    let number = bare(entered, currency)?;
    let digits = currency.minor_digits() as usize;
    let odd = || format!("must be an amount such as `1234.50` in {currency}");
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, number),
    };
    let (whole, fraction) = split(&number, digits).ok_or_else(odd)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > digits {
        return Err(format!("must have at most {digits} digits after the decimal point in {currency}"));
    }
    let minor = format!("{whole}{fraction:0<digits$}");
    let plain = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    let amount: i64 = minor.parse().ok().filter(|_| plain).ok_or_else(odd)?;
    Money::new(if negative { -amount } else { amount }, currency.code()).ok_or_else(odd)
}

/// Without white space, apostrophes between thousands and the name or sign of the currency, which must be this one.
fn bare(entered: &str, currency: Currency) -> Result<String, String> {
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<String>();
    let code = letters(entered);
    let sign = entered.chars().find(|letter| matches!(letter, '€' | '$' | '£' | '¥' | '₹'));
    let fits = match sign {
        Some('€') => currency.code() == "EUR",
        Some('£') => currency.code().ends_with('P'),
        Some('$') => currency.code().ends_with('D'),
        Some('¥') => matches!(currency.code(), "JPY" | "CNY"),
        Some('₹') => currency.code() == "INR",
        _ => true,
    };
    if !fits || !(code.is_empty() || code.eq_ignore_ascii_case(currency.code())) {
        return Err(format!("is not in {currency}, as this row's currency is"));
    }
    let kept = |letter: &char| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | '(' | ')' | '+');
    let dropped = |letter: char| {
        letter.is_whitespace()
            || letter.is_alphabetic()
            || matches!(letter, '\'' | '’' | '€' | '$' | '£' | '¥' | '₹')
    };
    if let Some(odd) = entered.chars().find(|letter| !kept(letter) && !dropped(*letter)) {
        return Err(format!("must be an amount, without `{}`", shown(&odd.to_string())));
    }
    Ok(entered.chars().filter(kept).collect())
}

/// The digits before and after the decimal separator.
fn split(number: &str, digits: usize) -> Option<(String, String)> {
    let separators: Vec<char> = number.chars().filter(|letter| matches!(letter, '.' | ',')).collect();
    let last = number.rfind(['.', ',']);
    let decimal = match (separators.as_slice(), last) {
        ([], _) | (_, None) => None,
        ([_], Some(at)) if number.len() - at - 1 != 3 => Some(at),
        // Three digits after the only separator: thousands, unless the currency has three itself.
        ([_], Some(_)) if digits == 3 => return None,
        ([_], Some(_)) => None,
        (all, Some(at)) => all.iter().any(|other| Some(other) != all.last()).then_some(at),
    };
    let (whole, fraction) = match decimal {
        Some(at) => (number.get(..at)?, number.get(at + 1..)?),
        None => (number, ""),
    };
    let mut groups = whole.split(['.', ',']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    // Thousands, and the lakhs and crores of India.
    let grouped = rest.iter().all(|group| matches!(group.len(), 2 | 3))
        && rest.last().is_none_or(|last| last.len() == 3);
    let one_kind = whole.contains('.') != whole.contains(',') || rest.is_empty();
    let some = number.contains(|letter: char| letter.is_ascii_digit());
    let sound = some && grouped && one_kind && (rest.is_empty() || matches!(first.len(), 1..=3));
    sound.then(|| (format!("{first}{}", rest.concat()), fraction.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(entered: &str) -> Result<i64, String> {
        read(entered, Currency::new("EUR").unwrap()).map(Money::amount)
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (entered, cents) in [
            ("1234", 123_400),
            ("1234.5", 123_450),
            ("1,234.50", 123_450),
            ("1.234,50", 123_450),
            ("€ 1 234,50", 123_450),
            ("1'234.50 EUR", 123_450),
            ("1.234", 123_400),
            ("1,234,567", 123_456_700),
            ("12,34,567.00", 123_456_700),
            ("0", 0),
            (".5", 50),
            ("-5", -500),
        ] {
            assert_eq!(eur(entered), Ok(cents), "{entered}");
        }
    }

    #[test]
    fn an_amount_that_can_be_read_in_no_way_or_in_two_is_refused() {
        for entered in
            ["", "abc", "1.2.3", "1,23,4", "1.234.56", "12-3", "$5", "5 USD", "1.005,999", "(5)", "1e5"]
        {
            assert!(eur(entered).is_err(), "{entered}");
        }
        let read = |entered, currency| read(entered, Currency::new(currency).unwrap()).map(Money::amount);
        assert!(read("1.234", "KWD").is_err());
        assert_eq!(read("1,234", "JPY"), Ok(1234));
        assert!(read("1.5", "JPY").is_err());
        assert_eq!(read("$1,000", "USD"), Ok(100_000));
        assert!(read("99999999999999999999", "EUR").is_err());
    }
}
