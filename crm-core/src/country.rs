//! Countries by name, so that national phone numbers can be read.

use std::{collections::HashMap, sync::LazyLock};

use crate::text;

/// ISO 3166-1 codes with the English short names and the names in common use beside them, folded as search folds.
const COUNTRIES: &str = "\
    AD andorra; AE united arab emirates|uae; AF afghanistan; AG antigua and barbuda; AI anguilla; \
    AL albania; AM armenia; AO angola; AR argentina; AS american samoa; AT austria; AU australia; AW aruba; \
    AX aland islands; AZ azerbaijan; BA bosnia and herzegovina; BB barbados; BD bangladesh; BE belgium; \
    BF burkina faso; BG bulgaria; BH bahrain; BI burundi; BJ benin; BL saint barthelemy; BM bermuda; \
    BN brunei|brunei darussalam; BO bolivia; BR brazil; BS bahamas; BT bhutan; BW botswana; BY belarus; \
    BZ belize; CA canada; CC cocos (keeling) islands; CD democratic republic of the congo; \
    CF central african republic; CG congo; CH switzerland; CI cote d'ivoire|ivory coast; CK cook islands; \
    CL chile; CM cameroon; CN china; CO colombia; CR costa rica; CU cuba; CV cape verde|cabo verde; \
    CX christmas island; CY cyprus; CZ czechia|czech republic; DE germany; DJ djibouti; DK denmark; \
    DM dominica; DO dominican republic; DZ algeria; EC ecuador; EE estonia; EG egypt; EH western sahara; \
    ER eritrea; ES spain; ET ethiopia; FI finland; FJ fiji; \
    FK falkland islands|falkland islands (malvinas); FM micronesia; FO faroe islands; FR france; GA gabon; \
    GB united kingdom|uk|great britain|england|scotland|wales; GD grenada; GE georgia; GF french guiana; \
    GG guernsey; GH ghana; GI gibraltar; GL greenland; GM gambia; GN guinea; GP guadeloupe; \
    GQ equatorial guinea; GR greece; GT guatemala; GU guam; GW guinea-bissau; GY guyana; HK hong kong; \
    HN honduras; HR croatia; HT haiti; HU hungary; ID indonesia; IE ireland; IL israel; IM isle of man; \
    IN india; IO british indian ocean territory; IQ iraq; IR iran; IS iceland; IT italy; JE jersey; \
    JM jamaica; JO jordan; JP japan; KE kenya; KG kyrgyzstan|kyrgyz republic; KH cambodia; KI kiribati; \
    KM comoros; KN saint kitts and nevis; KP north korea; KR south korea|korea; KW kuwait; \
    KY cayman islands; KZ kazakhstan; LA laos; LB lebanon; LC saint lucia; LI liechtenstein; LK sri lanka; \
    LR liberia; LS lesotho; LT lithuania; LU luxembourg; LV latvia; LY libya|libyan arab jamahiriya; \
    MA morocco; MC monaco; MD moldova; ME montenegro; MF saint martin; MG madagascar; MH marshall islands; \
    MK north macedonia|macedonia; ML mali; MM myanmar|burma; MN mongolia; MO macao|macau; \
    MP northern mariana islands; MQ martinique; MR mauritania; MS montserrat; MT malta; MU mauritius; \
    MV maldives; MW malawi; MX mexico; MY malaysia; MZ mozambique; NA namibia; NC new caledonia; NE niger; \
    NF norfolk island; NG nigeria; NI nicaragua; NL netherlands|the netherlands|holland; NO norway; \
    NP nepal; NR nauru; NU niue; NZ new zealand; OM oman; PA panama; PE peru; PF french polynesia; \
    PG papua new guinea; PH philippines; PK pakistan; PL poland; PM saint pierre and miquelon; \
    PR puerto rico; PS palestine; PT portugal; PW palau; PY paraguay; QA qatar; RE reunion; RO romania; \
    RS serbia; RU russia|russian federation; RW rwanda; SA saudi arabia; SB solomon islands; SC seychelles; \
    SD sudan; SE sweden; SG singapore; SH saint helena; SI slovenia; SJ svalbard & jan mayen islands; \
    SK slovakia|slovakia (slovak republic); SL sierra leone; SM san marino; SN senegal; SO somalia; \
    SR suriname; SS south sudan; ST sao tome and principe; SV el salvador; SX sint maarten; \
    SY syria|syrian arab republic; SZ eswatini|swaziland; TC turks and caicos islands; TD chad; TG togo; \
    TH thailand; TJ tajikistan; TK tokelau; TL timor-leste|east timor; TM turkmenistan; TN tunisia; \
    TO tonga; TR turkey|turkiye; TT trinidad and tobago; TV tuvalu; TW taiwan; TZ tanzania; UA ukraine; \
    UG uganda; US united states|united states of america|usa|america; UY uruguay; UZ uzbekistan; \
    VA vatican city|holy see (vatican city state); VC saint vincent and the grenadines; VE venezuela; \
    VG british virgin islands; VI united states virgin islands; VN vietnam|viet nam; VU vanuatu; \
    WF wallis and futuna; WS samoa; YE yemen; YT mayotte; ZA south africa; ZM zambia; ZW zimbabwe";

static CODES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let entries = COUNTRIES.split(';').filter_map(|entry| entry.trim().split_once(' '));
    entries.flat_map(|(code, names)| names.split('|').map(move |name| (name, code))).collect()
});

/// The code of a country that is given by its English name or by its code.
pub(crate) fn code(country: &str) -> Option<String> {
    let folded = text::fold(country.trim());
    match CODES.get(folded.as_str()) {
        Some(code) => Some((*code).to_owned()),
        None => (folded.len() == 2 && folded.is_ascii()).then(|| folded.to_ascii_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_name_and_by_code() {
        for (given, expected) in
            [("Spain", "ES"), ("Côte d'Ivoire", "CI"), ("uk", "GB"), ("de", "DE"), ("Zimbabwe", "ZW")]
        {
            assert_eq!(code(given).as_deref(), Some(expected), "{given}");
        }
        assert_eq!(code("Atlantis"), None);
        assert!(CODES.len() > 240);
    }
}
