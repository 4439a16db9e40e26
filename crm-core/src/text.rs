//! Text as the engine stores it, and as it searches it.

use std::borrow::Cow;

use unicode_normalization::{
    IsNormalized, UnicodeNormalization, char::canonical_combining_class, is_nfc_quick,
};

/// The most characters that a search may have.
pub const MAX_SEARCH_CHARS: usize = 200;

/// Text in NFC.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Text as search compares it: compatibility forms resolved, lower case, accents removed. Doing it twice changes
/// nothing.
///
/// ```
/// assert_eq!(crm_core::fold("Éclair ＡＢＣ Straße"), "eclair abc straße");
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkd().collect::<String>().to_lowercase();
    // Lower-casing can yield marks and decomposable letters (`İ`), so that it is decomposed once more. Marks without
    // a combining class are vowels of Indic scripts, not accents, and stay.
    lower.nfkd().filter(|letter| canonical_combining_class(*letter) == 0).collect()
}

/// The terms of a search: what stands between white space, normalized, each once.
///
/// A record matches if each of them occurs somewhere in its search text. No term at all matches every record.
pub fn terms(search: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    // Control characters are in no stored text but for white space; they separate as well.
    let folded = fold(search);
    for term in folded.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if !term.is_empty() && !terms.iter().any(|known| known == term) {
            terms.push(term.to_owned());
        }
    }
    terms
}

/// The search text of some fields: each normalized, a line each, so that no term matches across two of them.
pub(crate) fn searchable<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut all = String::new();
    for text in texts {
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&fold(text));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_twice_is_folding_once_for_every_character() {
        for letter in '\0'..=char::MAX {
            let once = fold(letter.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "{letter:?}");
        }
    }

    #[test]
    fn terms_are_split_at_white_space_and_listed_once() {
        assert_eq!(terms("  Solar\u{3000}SOLAR été\t"), ["solar", "ete"]);
        assert!(terms(" \n").is_empty());
    }
}
