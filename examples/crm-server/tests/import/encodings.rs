//! Files in the encodings and with the delimiters of many systems.

use crm_core::Customer;
use crm_server::import::Options;

use crate::bench::Bench;

const TABLE: &str = "Name,City\nZoë Müller,Köln\nJosé Núñez,Málaga\nFrançois Lefèvre,Besançon\n";

async fn cities(bytes: &[u8], options: &Options) -> Vec<String> {
    let bench = Bench::new().await;
    let done = bench.bytes::<Customer>(bytes, options).await.unwrap();
    assert_eq!(done.report.refused, 0, "{:?}", done.lines);
    let mut cities: Vec<_> =
        bench.all::<Customer>().await.into_iter().filter_map(|own| own.city.clone()).collect();
    cities.sort();
    cities
}

fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[tokio::test]
async fn the_encoding_is_found_out() {
    let marked = |text: &str| format!("\u{FEFF}{text}");
    let western = encoding_rs::WINDOWS_1252.encode(TABLE).0.into_owned();
    for (name, bytes) in [
        ("UTF-8", TABLE.as_bytes().to_vec()),
        ("UTF-8 with a mark", marked(TABLE).into_bytes()),
        ("UTF-16LE with a mark", utf_16(&marked(TABLE), u16::to_le_bytes)),
        ("UTF-16BE with a mark", utf_16(&marked(TABLE), u16::to_be_bytes)),
        ("UTF-16LE", utf_16(TABLE, u16::to_le_bytes)),
        ("UTF-16BE", utf_16(TABLE, u16::to_be_bytes)),
        ("windows-1252", western),
    ] {
        assert_eq!(cities(&bytes, &Options::default()).await, ["Besançon", "Köln", "Málaga"], "{name}");
    }
}

#[tokio::test]
async fn the_encoding_is_found_out_however_late_the_first_accent_comes() {
    for encoding in [encoding_rs::UTF_8, encoding_rs::WINDOWS_1252] {
        let table = format!("Name,City,Age\nAda,,{}\nZoë Müller,Köln,\nJosé,Málaga,\n", "x".repeat(300_000));
        assert_eq!(cities(&encoding.encode(&table).0, &Options::default()).await, ["Köln", "Málaga"]);
    }
}

#[tokio::test]
async fn an_encoding_can_be_named() {
    let table = "Name,City\nŁukasz,Łódź\n";
    let bytes = encoding_rs::ISO_8859_2.encode(table).0.into_owned();
    let options = Options { encoding: Some(encoding_rs::ISO_8859_2), ..Options::default() };
    assert_eq!(cities(&bytes, &options).await, ["Łódź"]);
}

#[tokio::test]
async fn a_guessed_encoding_is_told() {
    let bytes = encoding_rs::WINDOWS_1252.encode(TABLE).0.into_owned();
    let done = Bench::new().await.bytes::<Customer>(&bytes, &Options::default()).await.unwrap();
    assert!(done.has("encoding: looks like windows-1252; name another with --encoding"), "{:?}", done.lines);
}

#[tokio::test]
async fn bytes_that_are_no_text_refuse_their_row_and_no_other() {
    // The first row fills what the encoding is judged by.
    let mut bytes = format!("Name,City,Age\nZoë,Köln,{}\n", "x".repeat(400_000)).into_bytes();
    bytes.extend(b"Ada,K\xF6ln,\nBob,Bonn,\n");
    let done = Bench::new().await.bytes::<Customer>(&bytes, &Options::default()).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (2, 1), "{:?}", done.lines);
    assert!(
        done.has(
            "line 3: refused: City holds bytes that are no UTF-8 text; name the encoding with --encoding"
        )
    );
}

#[tokio::test]
async fn the_delimiter_is_found_out() {
    for delimiter in [",", ";", "\t", "|"] {
        let table = TABLE.replace(',', delimiter);
        assert_eq!(cities(table.as_bytes(), &Options::default()).await.len(), 3, "{delimiter:?}");
    }
    let table = "sep=;\r\nName;City\r\n\"Smith, John, Jr\";\"Bonn, DE\"\r\n";
    assert_eq!(cities(table.as_bytes(), &Options::default()).await, ["Bonn, DE"]);
    let table = "Name;City\nSmith, John;Bonn, DE\nDoe, Jane;Kiel, DE\n";
    assert_eq!(cities(table.as_bytes(), &Options::default()).await, ["Bonn, DE", "Kiel, DE"]);
}

#[tokio::test]
async fn a_file_of_one_column_needs_no_delimiter() {
    let bench = Bench::new().await;
    let done = bench.customers("Company\nAda Ltd\nBob & Sons\n", &Options::default()).await.unwrap();
    assert_eq!(done.report.created, 2);
}
