//! The people, companies and leads of the demo. All of them are made up; the domains end in `.example`.

use crm_core::Interaction;

/// A customer to be.
pub(super) struct Company {
    pub(super) name: &'static str,
    pub(super) person: &'static str,
    pub(super) title: &'static str,
    pub(super) domain: &'static str,
    pub(super) phone: &'static str,
    pub(super) street: &'static str,
    pub(super) city: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) country: &'static str,
    pub(super) tag: &'static str,
}

/// A lead to be.
pub(super) struct Opportunity {
    pub(super) company: &'static str,
    pub(super) person: &'static str,
    pub(super) email: &'static str,
    pub(super) source: &'static str,
    pub(super) currency: &'static str,
    pub(super) notes: &'static str,
    /// In whole units of the currency.
    pub(super) value: i64,
    /// In how many days it is expected to close.
    pub(super) closes_in: u32,
    /// How many days ago it came to which stage.
    pub(super) path: &'static [(u32, &'static str)],
}

const fn company(row: [&'static str; 10]) -> Company {
    let [name, person, title, domain, phone, street, city, postal_code, country, tag] = row;
    Company { name, person, title, domain, phone, street, city, postal_code, country, tag }
}

const fn lead(
    row: [&'static str; 6],
    value: i64,
    closes_in: u32,
    path: &'static [(u32, &'static str)],
) -> Opportunity {
    let [company, person, email, source, currency, notes] = row;
    Opportunity { company, person, email, source, currency, notes, value, closes_in, path }
}

/// The customers of Acme.
#[rustfmt::skip]
pub(super) const COMPANIES: &[Company] = &[
    company(["Northwind Bakery Ltd", "Grace Whitfield", "Operations manager", "northwind-bakery.example", "+44 20 7946 0112", "14 Mill Lane", "London", "SE1 7PB", "United Kingdom", "retail"]),
    company(["Bergmann Logistik GmbH", "Jonas Bergmann", "Managing director", "bergmann-logistik.example", "+49 30 23125 410", "Hafenstraße 22", "Berlin", "10555", "Germany", "logistics"]),
    company(["Casa Verde Hoteles", "Lucía Romero", "Facility manager", "casaverde.example", "+34 912 345 678", "Calle Mayor 8", "Madrid", "28013", "Spain", "hospitality"]),
    company(["Atelier Lumière SARL", "Chloé Martin", "Owner", "atelier-lumiere.example", "+33 1 70 18 99 20", "12 rue des Lilas", "Lyon", "69003", "France", "design"]),
    company(["Prairie Dental Group", "Henry Olsen", "Practice manager", "prairiedental.example", "+1 312 555 0147", "410 Lake Street", "Chicago", "60601", "United States", "health"]),
    company(["Kowalski Meble", "Agnieszka Kowalska", "Head of purchasing", "kowalski-meble.example", "+48 22 555 01 23", "ul. Polna 5", "Warszawa", "00-625", "Poland", "manufacturing"]),
    company(["Fjord Fisk AS", "Ingrid Solberg", "Plant manager", "fjordfisk.example", "+47 22 12 34 56", "Bryggen 3", "Bergen", "5003", "Norway", "food"]),
    company(["Van Dijk Tuinen", "Pieter van Dijk", "Owner", "vandijk-tuinen.example", "+31 20 555 0199", "Singel 101", "Amsterdam", "1012 VG", "Netherlands", "gardening"]),
    company(["Rossi Ceramica S.p.A.", "Elena Rossi", "Energy manager", "rossi-ceramica.example", "+39 02 5550 0133", "Via Roma 44", "Modena", "41121", "Italy", "manufacturing"]),
    company(["Blue Heron Schools", "Amara Johnson", "Business director", "blueheron.example", "+1 206 555 0182", "77 Pine Avenue", "Seattle", "98101", "United States", "education"]),
    company(["Alpenblick Sennerei", "Anna Huber", "Managing director", "alpenblick.example", "+43 1 234 5678", "Dorfplatz 1", "Innsbruck", "6020", "Austria", "food"]),
    company(["O'Malley Freight", "Ciarán O'Malley", "Fleet manager", "omalley-freight.example", "+353 1 555 0175", "Dock Road 9", "Dublin", "D01 X2P4", "Ireland", "logistics"]),
    company(["Lindqvist Snickeri AB", "Maja Lindqvist", "Owner", "lindqvist.example", "+46 8 123 456 78", "Storgatan 18", "Stockholm", "111 51", "Sweden", "crafts"]),
    company(["Porto Cork Lda", "Tiago Almeida", "Export manager", "portocork.example", "+351 22 123 4567", "Rua do Cais 30", "Porto", "4050-297", "Portugal", "manufacturing"]),
    company(["Granite State Brewing", "Emily Carter", "Head brewer", "granitestate.example", "+1 603 555 0119", "5 Foundry Street", "Manchester", "03101", "United States", "food"]),
    company(["Helvetia Uhren AG", "Lukas Meier", "Head of facilities", "helvetia-uhren.example", "+41 44 668 18 00", "Bahnhofstrasse 60", "Zürich", "8001", "Switzerland", "manufacturing"]),
    company(["Maple Ridge Farms", "Noah Tremblay", "Owner", "mapleridge.example", "+1 416 555 0136", "2200 Concession Road", "Toronto", "M5H 2N2", "Canada", "agriculture"]),
    company(["Harbour View Clinic", "Priya Nair", "Administrator", "harbourview.example", "+44 117 496 0148", "3 Quayside", "Bristol", "BS1 4XE", "United Kingdom", "health"]),
    company(["Dvořák Tiskárna s.r.o.", "Tereza Dvořáková", "Production manager", "dvorak-tisk.example", "+420 224 123 456", "Na Příkopě 15", "Praha", "110 00", "Czechia", "printing"]),
    company(["Sunset Wines Pty", "Oliver Bennett", "Vineyard manager", "sunsetwines.example", "+61 8 7000 1234", "Barossa Way 12", "Adelaide", "5000", "Australia", "agriculture"]),
    company(["Keller Fitness GmbH", "Sophie Keller", "Managing director", "keller-fitness.example", "+49 89 1234 5678", "Leopoldstraße 70", "München", "80802", "Germany", "leisure"]),
    company(["Tagus Data Centers", "Rui Fonseca", "Energy procurement", "tagusdata.example", "+351 21 123 4567", "Avenida da Liberdade 110", "Lisboa", "1250-146", "Portugal", "technology"]),
];

/// The customers of Globex.
#[rustfmt::skip]
pub(super) const GLOBEX: &[Company] = &[
    company(["Initech Spares Inc", "Bill Porter", "Buyer", "initech-spares.example", "+1 512 555 0164", "1 Software Drive", "Austin", "73301", "United States", "technology"]),
    company(["Umbra Optik GmbH", "Katrin Wolf", "Purchasing", "umbra-optik.example", "+49 40 1234 5670", "Elbchaussee 4", "Hamburg", "22765", "Germany", "retail"]),
    company(["Sato Trading KK", "Yuki Sato", "Import manager", "sato-trading.example", "+81 3 1234 5678", "2-1 Marunouchi", "Tokyo", "100-0005", "Japan", "trade"]),
    company(["Kiwi Gear Ltd", "Aroha Williams", "Owner", "kiwigear.example", "+64 9 123 4567", "88 Queen Street", "Auckland", "1010", "New Zealand", "leisure"]),
];

/// The leads of Acme; Globex has some of them too.
#[rustfmt::skip]
pub(super) const LEADS: &[Opportunity] = &[
    lead(["Riverside Apartments", "Megan Doyle", "megan@riversideapartments.example", "Referral", "EUR", "Roof of 1,200 square metres, built 2011."], 53_500, 88, &[(98, "new")]),
    lead(["Stadtwerke Neustadt", "Thomas Krüger", "thomas@stadtwerkeneustadt.example", "Website", "USD", "Asked for references from the same trade."], 49_750, 79, &[(98, "new"), (93, "contacted")]),
    lead(["Bistro Margaux", "Margaux Petit", "margaux@bistromargaux.example", "Trade fair", "EUR", "Needs charging points for the fleet as well."], 58_500, 58, &[(96, "new"), (89, "contacted"), (85, "qualified")]),
    lead(["Greenfield Logistics", "Samuel Reed", "samuel@greenfieldlogistics.example", "Cold call", "EUR", "Second site to follow if the first works out."], 108_750, 77, &[(94, "new"), (87, "contacted"), (82, "qualified"), (72, "proposal")]),
    lead(["Nordlicht Hotel", "Frida Holm", "frida@nordlichthotel.example", "Partner", "USD", "Lease ends in two years, so payback counts."], 8_750, 76, &[(92, "new"), (85, "contacted"), (81, "qualified"), (71, "proposal"), (67, "closed_won")]),
    lead(["Castello Vini", "Marco Bianchi", "marco@castellovini.example", "Webinar", "EUR", "Wants a quote for panels and storage."], 72_000, 20, &[(89, "new"), (81, "contacted"), (71, "closed_lost")]),
    lead(["Pinewood Academy", "Rachel Kim", "rachel@pinewoodacademy.example", "Referral", "EUR", "Roof of 1,200 square metres, built 2011."], 73_000, 13, &[(86, "new"), (80, "contacted"), (75, "qualified"), (68, "proposal"), (59, "closed_lost")]),
    lead(["Hafen Kühlhaus", "Uwe Petersen", "uwe@hafenkuhlhaus.example", "Website", "USD", "Asked for references from the same trade."], 77_750, 63, &[(86, "new"), (79, "contacted"), (68, "qualified"), (58, "proposal"), (49, "closed_won")]),
    lead(["Tulip Flowers BV", "Sanne Visser", "sanne@tulipflowersbv.example", "Trade fair", "EUR", "Needs charging points for the fleet as well."], 92_250, 36, &[(82, "new"), (74, "contacted"), (67, "qualified")]),
    lead(["Cliffside Spa", "Nora Byrne", "nora@cliffsidespa.example", "Cold call", "EUR", "Second site to follow if the first works out."], 70_000, 68, &[(82, "new")]),
    lead(["Metro Parking", "Carlos Vega", "carlos@metroparking.example", "Partner", "USD", "Lease ends in two years, so payback counts."], 80_750, 14, &[(78, "new"), (67, "contacted")]),
    lead(["Aurora Labs", "Mikko Virtanen", "mikko@auroralabs.example", "Webinar", "EUR", "Wants a quote for panels and storage."], 22_250, 67, &[(78, "new"), (68, "contacted"), (62, "qualified")]),
    lead(["Bright Kids Daycare", "Tanya Brooks", "tanya@brightkidsdaycare.example", "Referral", "EUR", "Roof of 1,200 square metres, built 2011."], 91_750, 49, &[(73, "new"), (69, "contacted"), (64, "qualified"), (55, "proposal")]),
    lead(["Weingut Sonnberg", "Eva Gruber", "eva@weingutsonnberg.example", "Website", "USD", "Asked for references from the same trade."], 92_000, 90, &[(71, "new"), (60, "contacted"), (55, "qualified"), (50, "proposal"), (42, "closed_won")]),
    lead(["Old Mill Brewery", "George Hart", "george@oldmillbrewery.example", "Trade fair", "EUR", "Needs charging points for the fleet as well."], 39_250, 54, &[(72, "new"), (68, "contacted"), (60, "closed_lost")]),
    lead(["Vega Textiles", "Inés Navarro", "ines@vegatextiles.example", "Cold call", "EUR", "Second site to follow if the first works out."], 66_000, 12, &[(68, "new"), (64, "contacted"), (53, "qualified"), (44, "proposal"), (38, "closed_lost")]),
    lead(["Summit Outdoor", "Derek Walsh", "derek@summitoutdoor.example", "Partner", "USD", "Lease ends in two years, so payback counts."], 114_500, 68, &[(67, "new"), (59, "contacted"), (53, "qualified"), (46, "proposal"), (36, "closed_won")]),
    lead(["Gärtnerei Blum", "Petra Blum", "petra@gartnereiblum.example", "Webinar", "EUR", "Wants a quote for panels and storage."], 73_250, 40, &[(66, "new"), (60, "contacted"), (49, "qualified")]),
    lead(["Lakeview Hospital", "Dr. Alan Frost", "alan@lakeviewhospital.example", "Referral", "EUR", "Roof of 1,200 square metres, built 2011."], 113_500, 75, &[(63, "new")]),
    lead(["Rapid Print", "Zoe Evans", "zoe@rapidprint.example", "Website", "USD", "Asked for references from the same trade."], 90_250, 53, &[(60, "new"), (50, "contacted")]),
    lead(["Fabrika Loft", "Milan Novák", "milan@fabrikaloft.example", "Trade fair", "EUR", "Needs charging points for the fleet as well."], 22_250, 34, &[(59, "new"), (53, "contacted"), (48, "qualified")]),
    lead(["Ostsee Werft", "Karsten Behn", "karsten@ostseewerft.example", "Cold call", "EUR", "Second site to follow if the first works out."], 39_000, 5, &[(57, "new"), (53, "contacted"), (42, "qualified"), (36, "proposal")]),
    lead(["Sunrise Care Homes", "Joyce Abbott", "joyce@sunrisecarehomes.example", "Partner", "USD", "Lease ends in two years, so payback counts."], 61_250, 76, &[(55, "new"), (45, "contacted"), (36, "qualified"), (27, "proposal"), (21, "closed_won")]),
    lead(["Moulin Blanc", "Henri Dubois", "henri@moulinblanc.example", "Webinar", "EUR", "Wants a quote for panels and storage."], 16_250, 66, &[(51, "new"), (41, "contacted"), (31, "closed_lost")]),
    lead(["Cedar Park Church", "Ruth Coleman", "ruth@cedarparkchurch.example", "Referral", "EUR", "Roof of 1,200 square metres, built 2011."], 23_750, 19, &[(49, "new"), (45, "contacted"), (38, "qualified"), (33, "proposal"), (26, "closed_lost")]),
    lead(["Delta Cold Chain", "Victor Lim", "victor@deltacoldchain.example", "Website", "USD", "Asked for references from the same trade."], 49_500, 83, &[(48, "new"), (44, "contacted"), (39, "qualified"), (35, "proposal"), (29, "closed_won")]),
    lead(["Eiswerk Franchise", "Lena Vogt", "lena@eiswerkfranchise.example", "Trade fair", "EUR", "Needs charging points for the fleet as well."], 22_000, 86, &[(48, "new"), (43, "contacted"), (36, "qualified")]),
    lead(["Ferrum Steel", "Piotr Zając", "piotr@ferrumsteel.example", "Cold call", "EUR", "Second site to follow if the first works out."], 80_000, 51, &[(44, "new")]),
    lead(["Garden Court Hotel", "Alice Moore", "alice@gardencourthotel.example", "Partner", "USD", "Lease ends in two years, so payback counts."], 111_500, 67, &[(41, "new"), (36, "contacted")]),
    lead(["Highland Dairy", "Ewan MacLeod", "ewan@highlanddairy.example", "Webinar", "EUR", "Wants a quote for panels and storage."], 13_750, 23, &[(39, "new"), (28, "contacted"), (17, "qualified")]),
    lead(["Iberia Cork", "Joana Silva", "joana@iberiacork.example", "Referral", "EUR", "Roof of 1,200 square metres, built 2011."], 69_000, 7, &[(40, "new"), (31, "contacted"), (23, "qualified"), (12, "proposal")]),
    lead(["Junction Offices", "Peter Lang", "peter@junctionoffices.example", "Website", "USD", "Asked for references from the same trade."], 92_000, 38, &[(37, "new"), (28, "contacted"), (22, "qualified"), (18, "proposal"), (10, "closed_won")]),
    lead(["Kaffeehaus Wien", "Max Steiner", "max@kaffeehauswien.example", "Trade fair", "EUR", "Needs charging points for the fleet as well."], 71_000, 74, &[(34, "new"), (28, "contacted"), (19, "closed_lost")]),
    lead(["Lagoon Resort", "Isla Grant", "isla@lagoonresort.example", "Cold call", "EUR", "Second site to follow if the first works out."], 28_500, 71, &[(32, "new"), (25, "contacted"), (18, "qualified"), (11, "proposal"), (1, "closed_lost")]),
    lead(["Mariner Shipyard", "Knut Dahl", "knut@marinershipyard.example", "Partner", "USD", "Lease ends in two years, so payback counts."], 36_000, 29, &[(29, "new"), (20, "contacted"), (16, "qualified"), (12, "proposal"), (4, "closed_won")]),
    lead(["Nova Robotics", "Yara Haddad", "yara@novarobotics.example", "Webinar", "EUR", "Wants a quote for panels and storage."], 13_250, 33, &[(28, "new"), (17, "contacted"), (8, "qualified")]),
];

/// How the demo's projects stand, in turns.
pub(super) const PROJECTS: &[&str] = &["active", "planned", "completed", "on_hold"];

/// What is to be done in a project, and in how many days from now; of later projects somewhat later.
pub(super) const TASKS: &[(&str, i64)] = &[
    ("Walk the roof", -40),
    ("Order the panels", -12),
    ("Agree on the day of installation", -3),
    ("Hand over", 20),
];

/// What was said with a customer.
pub(super) fn talk(turn: usize) -> Interaction {
    let all = [
        ("meeting", "Kick-off on site", "Walked the roof, took photographs, agreed on the next steps."),
        ("phone", "Question about the invoice", "Sent a copy to the accounts department."),
        ("email", "Yearly yield report", "Eight percent above the forecast; asked for a reference."),
        ("note", "Prefers calls before noon", "Speaks for the board in everything up to 50,000."),
        ("meeting", "Service visit", "Changed an inverter under warranty."),
    ];
    let (kind, subject, description) = all.get(turn % all.len()).copied().unwrap_or_default();
    let talk = Interaction { kind: kind.to_owned(), ..Interaction::default() };
    talk.subject(subject).description(description)
}

/// What leads to a stage: the kind of talk, and what it was about.
pub(super) fn step(stage: &str) -> (&'static str, &'static str) {
    match stage {
        "contacted" => ("email", "Introduced ourselves"),
        "qualified" => ("phone", "Budget, roof and time line are known"),
        "proposal" => ("meeting", "Went through the proposal"),
        "closed_won" => ("phone", "They signed"),
        _ => ("email", "They went with somebody else"),
    }
}
