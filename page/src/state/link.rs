//! What a viewer can set, and how it travels in the page's address.

use framescope_framing::HeaderFormat;
use framescope_lab::Side;
use framescope_protocol::ReadOptions;

/// What a link to the page carries in its fragment, so that a class starts where its teacher was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How the relay reads.
    pub read_options: ReadOptions,
    /// How the page reads headers, where it differs from what the relay says.
    pub header: Option<HeaderFormat>,
    /// The target, where it is not `demo`.
    pub target: Option<String>,
    /// What the relay wants from its clients, where it wants a token.
    pub token: Option<String>,
    /// The lesson, where the lab is open.
    pub lessons: Lessons,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            read_options: ReadOptions::OF_PAGE,
            header: None,
            target: None,
            token: None,
            lessons: Lessons::default(),
        }
    }
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
            let options = &mut link.read_options;
            match &*name {
                "recv" => options.recv = parse_recv(&value).unwrap_or(options.recv),
                "delay_ms" => options.delay_ms = parse_delay(&value).unwrap_or(options.delay_ms),
                "nodelay" => options.nodelay = &*value != "0",
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
        let default = ReadOptions::OF_PAGE;
        if self.read_options.recv != default.recv {
            query.append_pair("recv", &self.read_options.recv.to_string());
        }
        if self.read_options.delay_ms != default.delay_ms {
            query.append_pair("delay_ms", &self.read_options.delay_ms.to_string());
        }
        if !self.read_options.nodelay {
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

/// Reads what a viewer typed as a `recv` size.
#[must_use]
pub fn parse_recv(text: &str) -> Option<u32> {
    ReadOptions::parse_recv(text.trim())
}

/// Reads what a viewer typed as a delay.
#[must_use]
pub fn parse_delay(text: &str) -> Option<u32> {
    ReadOptions::parse_delay(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_its_fragment() {
        let link = Link {
            read_options: ReadOptions { recv: 5, delay_ms: 200, nodelay: false },
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
        assert_eq!(Link::parse("#recv=5").read_options.recv, 5);
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
}
