//! A file's bytes as text: whatever encoding they are in, a piece at a time.

use std::io::{self, Read};

use anyhow::{Context, Result, bail};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Stands for bytes that are no text in the file's encoding. Unicode guarantees that it is no character, so that no
/// sound file has it, and a row that does is refused.
pub(super) const UNREADABLE: char = '\u{FFFF}';

/// The bytes that are read at a time.
const PIECE: usize = 64 * 1024;
/// The bytes that the encoding is guessed from, beginning with the first that is not ASCII.
const GUESSED_FROM: usize = 256 * 1024;

/// Text from a file, decoded as it is read.
///
/// A byte order mark decides. Without one the text is taken as ASCII until the first other byte; if what follows is
/// valid UTF-8 it is that, else what it looks like most, windows-1252 for Western languages.
pub struct Text {
    input: Box<dyn Read + Send>,
    raw: Vec<u8>,
    ended: bool,
    finished: bool,
    decoder: Option<Decoder>,
    certain: bool,
    bytes: u64,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text").field("encoding", &self.encoding()).finish_non_exhaustive()
    }
}

impl Text {
    /// Text in this encoding, or in the one that it turns out to have.
    ///
    /// # Errors
    /// If it cannot be read, is empty, or is no text at all.
    pub fn new(input: Box<dyn Read + Send>, encoding: Option<&'static Encoding>) -> Result<Self> {
        let mut text = Self {
            input,
            raw: Vec::new(),
            ended: false,
            finished: false,
            decoder: None,
            certain: true,
            bytes: 0,
        };
        text.gather(PIECE).context("the file cannot be read")?;
        if text.raw.is_empty() {
            bail!("the file is empty: it needs a line of column names, then a line for each record");
        }
        if text.raw.starts_with(b"PK\x03\x04") || text.raw.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            bail!("this is a spreadsheet or an archive, not text: save it as CSV first");
        }
        let marked = Encoding::for_bom(&text.raw);
        if let Some((_, length)) = marked {
            text.raw.drain(..length);
        }
        let known = encoding.or(marked.map(|(encoding, _)| encoding)).or_else(|| unmarked_utf_16(&text.raw));
        text.decoder = known.map(Encoding::new_decoder_without_bom_handling);
        Ok(text)
    }

    /// Text that is UTF-8 already.
    pub(crate) fn of(text: String) -> Self {
        Self {
            input: Box::new(io::empty()),
            raw: text.into_bytes(),
            ended: true,
            finished: false,
            decoder: Some(UTF_8.new_decoder_without_bom_handling()),
            certain: true,
            bytes: 0,
        }
    }

    /// The encoding, as far as it is known: nothing but ASCII has been seen while there is none.
    pub fn encoding(&self) -> Option<&'static Encoding> {
        self.decoder.as_ref().map(Decoder::encoding)
    }

    /// Whether the encoding was guessed from how the text looks.
    pub fn is_guess(&self) -> bool {
        !self.certain
    }

    /// How many bytes of the file have been read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends the next piece of text; false at the end.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&mut self, out: &mut String) -> io::Result<bool> {
        if self.raw.is_empty() {
            self.gather(PIECE)?;
        }
        if self.finished || (self.raw.is_empty() && self.decoder.is_none()) {
            return Ok(false);
        }
        if self.decoder.is_none() {
            let ascii = Encoding::ascii_valid_up_to(&self.raw);
            if ascii > 0 {
                out.push_str(&String::from_utf8_lossy(self.raw.get(..ascii).unwrap_or_default()));
                self.raw.drain(..ascii);
                return Ok(true);
            }
            self.gather(GUESSED_FROM)?;
            self.decoder = Some(self.guess().new_decoder_without_bom_handling());
        }
        self.decode(out);
        Ok(true)
    }

    /// Reads until there are so many bytes at hand, or the file ends.
    fn gather(&mut self, wanted: usize) -> io::Result<()> {
        while !self.ended && self.raw.len() < wanted {
            let missing = u64::try_from(wanted - self.raw.len()).unwrap_or(u64::MAX);
            let read = (&mut self.input).take(missing).read_to_end(&mut self.raw)?;
            self.bytes += u64::try_from(read).unwrap_or(0);
            self.ended = read == 0;
        }
        Ok(())
    }

    fn guess(&mut self) -> &'static Encoding {
        let valid = Encoding::utf8_valid_up_to(&self.raw);
        // A character that the end of the sample cuts in two is no fault.
        if valid == self.raw.len() || (!self.ended && self.raw.len() - valid < 4) {
            return UTF_8;
        }
        self.certain = false;
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&self.raw, self.ended);
        detector.guess(None, Utf8Detection::Deny)
    }

    fn decode(&mut self, out: &mut String) {
        let Some(decoder) = &mut self.decoder else { return };
        let mut used = 0;
        loop {
            let rest = self.raw.get(used..).unwrap_or_default();
            out.reserve(
                decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(PIECE).max(16),
            );
            let (result, read) = decoder.decode_to_string_without_replacement(rest, out, self.ended);
            used += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => out.push(UNREADABLE),
            }
        }
        self.raw.clear();
        self.finished = self.ended;
    }
}

/// UTF-16 whose byte order mark is missing: every other byte of what is mostly Western text is zero.
fn unmarked_utf_16(raw: &[u8]) -> Option<&'static Encoding> {
    let sample = raw.get(..raw.len().min(1024)).unwrap_or_default();
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let mostly = sample.len() / 4;
    match (even > mostly, odd > mostly) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}
