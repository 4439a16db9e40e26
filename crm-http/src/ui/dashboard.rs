//! What a host can set about the dashboard.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::origin::Origins;

/// The dashboard as the host wants it: how it looks, which pages it has, and who may show it in a frame.
///
/// ```
/// use crm_http::{Dashboard, Link, Page, Settings, Theme, Token};
///
/// let mut dashboard = Dashboard::default();
/// dashboard.name = "Acme Sales".to_owned();
/// dashboard.pages.retain(|page| *page != Page::Projects);
/// dashboard.links = vec![Link::new("Billing", "/billing")];
/// dashboard.light = Theme::default().with(Token::Accent, "#0b6e4f".parse()?);
/// let mut settings = Settings::default();
/// settings.dashboard = Some(dashboard);
/// # Ok::<(), crm_http::InvalidColour>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Dashboard {
    /// What the product is called; `CRM` unless set.
    pub name: String,
    /// The address of its logo: a path of the host, or a `data:` URL; none unless set. It is shown 32 pixels high.
    pub logo: Option<String>,
    /// The pages that there are, in the order of the navigation; all unless set. What a user may not see is left out
    /// whatever is set here.
    pub pages: Vec<Page>,
    /// More entries of the navigation, which lead to the host's own pages.
    pub links: Vec<Link>,
    /// Where the host signs people in, if it does so itself. Unless set, the dashboard asks for a password if the service
    /// has the built-in login.
    pub sign_in: Option<String>,
    /// The language of whoever has not chosen one, such as `de`; the browser's unless set.
    pub language: Option<String>,
    /// Its colours.
    pub light: Theme,
    /// Its colours in the dark.
    pub dark: Theme,
    /// Origins whose pages may show it in a frame; none unless set. A browser sends the cookie of the built-in login in a
    /// frame only if the page around it belongs to the same site.
    pub frame_ancestors: Origins,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self {
            name: "CRM".to_owned(),
            logo: None,
            pages: Page::ALL.to_vec(),
            links: Vec::new(),
            sign_in: None,
            language: None,
            light: Theme::default(),
            dark: Theme::default(),
            frame_ancestors: Origins::default(),
        }
    }
}

impl Dashboard {
    /// The policy of its pages: they load what is the service's own, and nothing that stands in the page itself is run.
    pub(super) fn policy(&self) -> String {
        let ancestors = match self.frame_ancestors.to_string() {
            none if none.is_empty() => "'none'".to_owned(),
            ancestors => ancestors,
        };
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src \
             'self'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}; require-trusted-types-for 'script'"
        )
    }

    /// The style sheet with its colours.
    pub(super) fn style(&self) -> String {
        let (light, dark) = (self.light.rules(), self.dark.rules());
        let mut style = String::new();
        if !light.is_empty() {
            style += &format!(":root{{{light}}}");
        }
        if !dark.is_empty() {
            style +=
                &format!("@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}");
            style += &format!(":root[data-theme=dark]{{{dark}}}");
        }
        style
    }
}

/// A page of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// The figures.
    Overview,
    /// The customers.
    Customers,
    /// The leads, as a board and as a table.
    Leads,
    /// The interactions with all customers.
    Interactions,
    /// The tasks.
    Tasks,
    /// The projects.
    Projects,
    /// The log, for those who may see it.
    Activity,
    /// The users, keys, pipeline and settings of the tenant.
    Settings,
}

impl Page {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Customers,
        Self::Leads,
        Self::Interactions,
        Self::Tasks,
        Self::Projects,
        Self::Activity,
        Self::Settings,
    ];

    /// Its name, which is also its path below the mount.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Customers => "customers",
            Self::Leads => "leads",
            Self::Interactions => "interactions",
            Self::Tasks => "tasks",
            Self::Projects => "projects",
            Self::Activity => "activity",
            Self::Settings => "settings",
        }
    }
}

/// An entry of the navigation that leads to a page of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// This one.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// What has a colour of its own. Each is a CSS variable named after it: `--crm-accent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Token {
    /// Buttons, links and whatever is chosen.
    Accent,
    /// Text on the accent.
    AccentContrast,
    /// Behind everything.
    Background,
    /// Cards, panels and tables.
    Surface,
    /// Text.
    Text,
    /// Text of less weight.
    Muted,
    /// Lines between things.
    Border,
    /// What destroys, and what is wrong.
    Danger,
}

impl Token {
    const fn name(self) -> &'static str {
        match self {
            Self::Accent => "accent",
            Self::AccentContrast => "accent-contrast",
            Self::Background => "background",
            Self::Surface => "surface",
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Border => "border",
            Self::Danger => "danger",
        }
    }
}

/// Colours; the dashboard's own where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theme(BTreeMap<Token, Colour>);

impl Theme {
    /// The same with another colour.
    #[must_use]
    pub fn with(mut self, token: Token, colour: Colour) -> Self {
        self.0.insert(token, colour);
        self
    }

    fn rules(&self) -> String {
        self.0.iter().map(|(token, colour)| format!("--crm-{}:{colour};", token.name())).collect()
    }
}

/// A colour in sRGB, read from `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(u32);

/// This is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidColour;

impl fmt::Display for InvalidColour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a colour is written #rrggbb, such as #0b6e4f")
    }
}

impl std::error::Error for InvalidColour {}

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        let is_hex = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let colour = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex);
        colour.map(Self).ok_or(InvalidColour)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_digits() {
        assert_eq!("#0B6e4f".parse::<Colour>().unwrap().to_string(), "#0b6e4f");
        for wrong in ["", "#", "0b6e4f", "#0b6e4", "#0b6e4f0", "#+b6e4f", "#0b6e4f;}", "red"] {
            assert_eq!(wrong.parse::<Colour>(), Err(InvalidColour), "{wrong}");
        }
    }

    #[test]
    fn dark_colours_hold_where_it_is_dark_and_nowhere_else() {
        let mut dashboard = Dashboard::default();
        assert_eq!(dashboard.style(), "");
        dashboard.light = Theme::default().with(Token::Accent, Colour(0x00_00_ff));
        dashboard.dark = Theme::default().with(Token::AccentContrast, Colour(0x10));
        assert_eq!(
            dashboard.style(),
            ":root{--crm-accent:#0000ff;}@media (prefers-color-scheme:dark){:root:not([data-theme=light])\
             {--crm-accent-contrast:#000010;}}:root[data-theme=dark]{--crm-accent-contrast:#000010;}"
        );
    }
}
