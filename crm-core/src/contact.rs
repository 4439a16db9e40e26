//! E-mail addresses, phone numbers and web addresses: what counts as one, and what it is compared by.

use email_address::{EmailAddress, Options};
use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumberFormat,
    enums::{NumberLengthType, Region},
};

use crate::{country, text};

/// The form that an e-mail address is compared by: NFC, lower case. `None` for what is no address of a person or a
/// company: RFC 5321's quoted local parts, IP literals and domains without a dot are refused as well.
pub(crate) fn email_key(entered: &str) -> Option<String> {
    let entered = text::nfc(entered.trim());
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    let email = EmailAddress::parse_with_options(&entered, options).ok()?;
    let top = email.domain().rsplit('.').next()?;
    let odd =
        |letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '.');
    let refused = email.local_part().starts_with('"')
        || top.chars().count() < 2
        || top.bytes().all(|byte| byte.is_ascii_digit())
        || email.domain().contains(odd);
    (!refused).then(|| entered.to_lowercase())
}

/// The form that a phone number is compared by: E.164 with `;ext=` where the region is known or written, else its
/// digits. `None` for what cannot be a phone number.
pub(crate) fn phone_key(entered: &str, region: Option<Region>) -> Option<String> {
    let entered = entered.trim();
    if let Ok(number) = PHONE_NUMBER_UTIL.parse(entered, region)
        && number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible)
    {
        let mut key = number.format_as(PhoneNumberFormat::E164).to_string();
        if let Some(extension) = number.extension.as_deref().filter(|extension| !extension.is_empty()) {
            key.push_str(";ext=");
            key.push_str(extension);
        }
        return Some(key);
    }
    // Without a region the library cannot read a national number; its digits still tell it from others.
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (main, extension) = match entered.find(['x', 'X', '#']).map(|at| entered.split_at(at)) {
        Some((main, extension)) => (digits(main), digits(extension)),
        None => (digits(entered), String::new()),
    };
    let words = entered.chars().filter(|letter| letter.is_alphabetic()).count();
    if words > 4 || !(5..=20).contains(&main.len()) || extension.len() > 10 {
        return None;
    }
    Some(if extension.is_empty() { main } else { format!("{main};ext={extension}") })
}

/// Whether this is an address that a browser can be sent to: a host with or without `http(s)://`, no other scheme.
pub(crate) fn is_web_address(entered: &str) -> bool {
    let lower = entered.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).unwrap_or(&lower);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = host.split_once(':').unwrap_or((host, "80"));
    !entered.contains(char::is_whitespace)
        && !entered.contains(['<', '>', '"', '\\'])
        && host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
        && host
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_') || !letter.is_ascii())
        && port.parse::<u16>().is_ok()
}

/// The region of a country, by its ISO 3166 code or its English name.
pub(crate) fn region(country: &str) -> Option<Region> {
    country::code(country)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_reach_somebody_are_e_mail() {
        assert_eq!(email_key(" Ada@Example.COM ").as_deref(), Some("ada@example.com"));
        for bad in [
            "",
            "ada",
            "a@localhost",
            "\"a b\"@x.com",
            "Bob <a@b.co>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@b.c",
        ] {
            assert_eq!(email_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn phone_numbers_are_compared_in_e164_where_the_region_is_known() {
        let spain = region("Spain");
        assert_eq!(phone_key("+44 20 7946 0958", None).as_deref(), Some("+442079460958"));
        assert_eq!(phone_key("912 345 678", spain).as_deref(), Some("+34912345678"));
        assert_eq!(phone_key("(03) 9876-54321x12", None).as_deref(), Some("03987654321;ext=12"));
        for bad in ["abc", "12", "call me maybe 5551234", ""] {
            assert_eq!(phone_key(bad, None), None, "{bad}");
        }
    }

    #[test]
    fn web_addresses_have_a_host_and_no_scheme_that_runs() {
        for good in ["https://arnold.com/", "holt.org", "http://www.münchen.de:8080/a?b#c"] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "ftp://a.b", "localhost", "https://", "http://a b.c", "data:text/html,x"]
        {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
