//! What a viewer can set, and how it travels in the page's address and in the bridge's.

use framescope_framing::HeaderFormat;
use framescope_lab::Side;

/// The largest `recv` size, in bytes, that the relay accepts.
pub const MAX_RECV: u32 = 1024 * 1024;
/// The longest delay, in milliseconds, that the relay accepts.
pub const MAX_DELAY_MS: u32 = 60_000;

/// How the relay reads from the target. A change needs a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levers {
    /// The most bytes that one `recv()` asks for, 1 to [`MAX_RECV`].
    pub recv: u32,
    /// The least time between one `recv()` and the next, in milliseconds, up to [`MAX_DELAY_MS`].
    pub delay_ms: u32,
    /// `TCP_NODELAY` on the connection to the target.
    pub nodelay: bool,
}

impl Default for Levers {
    fn default() -> Self {
        Self { recv: 1024, delay_ms: 0, nodelay: true }
    }
}

impl Levers {
    /// Reads what a viewer typed as a `recv` size.
    #[must_use]
    pub fn parse_recv(text: &str) -> Option<u32> {
        text.trim().parse().ok().filter(|recv| (1..=MAX_RECV).contains(recv))
    }

    /// Reads what a viewer typed as a delay.
    #[must_use]
    pub fn parse_delay(text: &str) -> Option<u32> {
        text.trim().parse().ok().filter(|ms| *ms <= MAX_DELAY_MS)
    }

    /// The bridge's path and query, from the page's own origin.
    #[must_use]
    pub fn bridge_path(&self, target: &str) -> String {
        let Self { recv, delay_ms, nodelay } = *self;
        let nodelay = u8::from(nodelay);
        format!("/bridge/{target}?recv={recv}&delay_ms={delay_ms}&nodelay={nodelay}")
    }
}

/// What a link to the page carries in its fragment, so that a class starts where its teacher was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// How the relay reads.
    pub levers: Levers,
    /// How the page reads headers, where it differs from what the relay says.
    pub header: Option<HeaderFormat>,
    /// The target, where it is not `demo`.
    pub target: Option<String>,
    /// What the relay wants from its clients, where it wants a token.
    pub token: Option<String>,
    /// The lesson, where the lab is open.
    pub lessons: Lessons,
}

/// What a link says of the lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lessons {
    /// The name of a lesson's variant, such as `4a`.
    pub name: Option<String>,
    /// The programs that someone changed, as Python.
    pub programs: Vec<(Side, String)>,
}

impl Link {
    /// Reads a fragment, with or without its `#`. What it does not understand it leaves out: an
    /// old link should still open.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let mut link = Self::default();
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
            match &*name {
                "recv" => link.levers.recv = Levers::parse_recv(&value).unwrap_or(link.levers.recv),
                "delay_ms" => {
                    link.levers.delay_ms =
                        Levers::parse_delay(&value).unwrap_or(link.levers.delay_ms);
                }
                "nodelay" => link.levers.nodelay = &*value != "0",
                "header" => link.header = value.parse().ok(),
                "target" => link.target = Some(value.into_owned()),
                "token" => link.token = Some(value.into_owned()),
                "lesson" => link.lessons.name = Some(value.into_owned()),
                _ if name.starts_with("program") => {
                    let side = name.trim_start_matches("program").parse().map(Side);
                    link.lessons.programs.extend(side.ok().map(|side| (side, value.into_owned())));
                }
                _ => {}
            }
        }
        link
    }

    /// A path of the relay, with the token where there is one: a browser's WebSocket can send it in
    /// no other way.
    #[must_use]
    pub fn with_token(&self, path: &str) -> String {
        let Some(token) = &self.token else { return path.to_owned() };
        let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}token={token}")
    }

    /// The fragment, without its `#`; empty where everything is as it is by default.
    #[must_use]
    pub fn to_fragment(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let default = Levers::default();
        if self.levers.recv != default.recv {
            query.append_pair("recv", &self.levers.recv.to_string());
        }
        if self.levers.delay_ms != default.delay_ms {
            query.append_pair("delay_ms", &self.levers.delay_ms.to_string());
        }
        if !self.levers.nodelay {
            query.append_pair("nodelay", "0");
        }
        if let Some(header) = self.header {
            query.append_pair("header", header.notation());
        }
        if let Some(target) = &self.target {
            query.append_pair("target", target);
        }
        if let Some(token) = &self.token {
            query.append_pair("token", token);
        }
        if let Some(name) = &self.lessons.name {
            query.append_pair("lesson", name);
        }
        for (side, program) in &self.lessons.programs {
            query.append_pair(&format!("program{}", side.0), program);
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_its_fragment() {
        let link = Link {
            levers: Levers { recv: 5, delay_ms: 200, nodelay: false },
            header: Some(HeaderFormat::NETWORK_UNSIGNED),
            target: Some("my-db".into()),
            token: Some("secret+token".into()),
            lessons: Lessons {
                name: Some("4a".into()),
                programs: vec![(Side::CLIENT, "client.connect(ADDRESS)\n".into())],
            },
        };
        assert_eq!(Link::parse(&link.to_fragment()), link);
        assert_eq!(Link::default().to_fragment(), "");
        assert_eq!(Link::parse("#recv=5").levers.recv, 5);
    }

    #[test]
    fn what_a_link_says_wrongly_is_left_out() {
        let link = Link::parse("#recv=0&delay_ms=x&header=q&program=4&%ff=%fe&");
        assert_eq!(link, Link::default());
    }

    #[test]
    fn the_token_of_a_link_is_sent_with_every_request_that_needs_it() {
        let link = Link::parse("#token=a%2Fb%2Bc");
        assert_eq!(link.with_token("/lab"), "/lab?token=a%2Fb%2Bc");
        assert_eq!(link.with_token("/bridge/x?recv=5"), "/bridge/x?recv=5&token=a%2Fb%2Bc");
        assert_eq!(Link::default().with_token("/lab"), "/lab");
    }

    #[test]
    fn the_bridge_is_asked_for_what_the_levers_say() {
        let levers = Levers { recv: 5, delay_ms: 0, nodelay: true };
        assert_eq!(levers.bridge_path("demo"), "/bridge/demo?recv=5&delay_ms=0&nodelay=1");
    }
}
