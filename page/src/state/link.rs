//! The settings in the fragment of the page's address.

use framescope_framing::HeaderFormat;
use framescope_lab::{MAX_PROGRAMS, ParseWireError, Program, Reader, Until, WireSetup};
use framescope_protocol::ReadOptions;

use super::composer::{Composer, MAX_TIMES};

/// The settings in a link to the page. A teacher can share the link, and the class starts with the same
/// settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How the relay reads from the target.
    pub read_options: ReadOptions,
    /// The format in which headers are read, and written unless `write_header` says otherwise, if it is not the
    /// relay's.
    pub header: Option<HeaderFormat>,
    /// The format in which headers are written, if they are read in another.
    pub write_header: Option<HeaderFormat>,
    /// The target, if it is not `demo`.
    pub target: Option<String>,
    /// Whether messages are written and read with a header.
    pub is_framed: bool,
    /// What the page sends to a built-in server when it opens.
    pub first_send: Composer,
    /// Whether the tab Live shows its lists instead of its picture.
    pub has_lists: bool,
    /// The token, if the relay wants one.
    pub token: Option<String>,
    /// The lesson, if the lab is on screen.
    pub lessons: Lessons,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            read_options: ReadOptions::PAGE_DEFAULT,
            header: None,
            write_header: None,
            target: None,
            is_framed: true,
            first_send: Composer { text: "hello".to_owned(), times: Some(3) },
            has_lists: false,
            token: None,
            lessons: Lessons::default(),
        }
    }
}

/// The lab's settings in a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lessons {
    /// The name of a lesson's variant, such as `4a`.
    pub name: Option<String>,
    /// The programs that differ from the variant's. A link of the first version has the calls of each, and perhaps not
    /// all programs.
    pub programs: Vec<LinkedProgram>,
    /// The wire between the programs, if it is not the lesson's.
    pub wire: Option<WireSetup>,
    /// The moment of the run that a link leads to.
    pub moment: Option<LinkedMoment>,
    /// What the link or the user says of the wire, if it says nothing, and the part that is wrong.
    pub no_wire: Option<(String, ParseWireError)>,
}

/// A moment of a run in a link: how it is reached from the beginning, and who reads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkedMoment {
    /// How many steps are taken in the lesson's order, at most [`MAX_STEPS`].
    pub steps: u32,
    /// How far each goes.
    pub until: Until,
    /// The reader, if it is not the program's own.
    pub reader: Option<Reader>,
}

impl Default for LinkedMoment {
    fn default() -> Self {
        Self { steps: 0, until: Until::Call, reader: None }
    }
}

/// The most steps of a link.
pub const MAX_STEPS: u32 = 1000;

/// A program in a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkedProgram {
    /// The name of its file. Empty if the link does not say.
    pub file: String,
    /// Its text. `None` if it is the variant's.
    pub text: Option<String>,
}

impl From<Program> for LinkedProgram {
    fn from(program: Program) -> Self {
        Self { file: program.file, text: Some(program.text) }
    }
}

impl Lessons {
    /// The program with this index. `None` if an experiment cannot have it.
    fn program(&mut self, index: &str) -> Option<&mut LinkedProgram> {
        let index: usize = index.parse().ok().filter(|index| *index < MAX_PROGRAMS)?;
        if index >= self.programs.len() {
            self.programs.resize_with(index + 1, LinkedProgram::default);
        }
        self.programs.get_mut(index)
    }
}

impl Link {
    /// Parses a fragment, with or without its `#`. Ignores invalid and unknown settings, so that an old
    /// link still opens.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let mut link = Self::default();
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
            let options = &mut link.read_options;
            match &*name {
                "recv" => options.recv = parse_recv(&value).unwrap_or(options.recv),
                "delay_ms" => options.delay_ms = parse_delay(&value).unwrap_or(options.delay_ms),
                "nodelay" => {
                    options.nodelay = ReadOptions::parse_nodelay(&value).unwrap_or(options.nodelay);
                }
                "header" => link.header = value.parse().ok(),
                "write_header" => link.write_header = value.parse().ok(),
                "target" => link.target = Some(value.into_owned()),
                "framing" => link.is_framed = value != NO_FRAMING,
                "send" => link.first_send.text = value.into_owned(),
                "times" => {
                    link.first_send.times = parse_times(&value).or(link.first_send.times);
                }
                "view" => link.has_lists = value == LISTS,
                "token" => link.token = Some(value.into_owned()),
                "wire" => match value.parse() {
                    Ok(wire) => link.lessons.wire = Some(wire),
                    Err(error) => link.lessons.no_wire = Some((value.into_owned(), error)),
                },
                "steps" => {
                    let steps = value.parse().unwrap_or(0_u32).min(MAX_STEPS);
                    link.lessons.moment.get_or_insert_default().steps = steps;
                }
                "by" if value == LINES => {
                    link.lessons.moment.get_or_insert_default().until = Until::Line;
                }
                "reader" => {
                    link.lessons.moment.get_or_insert_default().reader = Reader::parse(&value);
                }
                "lesson" => {
                    link.lessons.name = Some(value.into_owned()).filter(|name| !name.is_empty());
                }
                name => {
                    let lessons = &mut link.lessons;
                    if let Some(index) = name.strip_prefix("program") {
                        if let Some(program) = lessons.program(index) {
                            program.text = Some(value.into_owned());
                        }
                    } else if let Some(index) = name.strip_prefix("file")
                        && let Some(program) = lessons.program(index)
                    {
                        program.file = value.into_owned();
                    }
                }
            }
        }
        link
    }

    /// The settings of a page that opens at this fragment. Without a link the page begins with bytes that stick together.
    #[must_use]
    pub fn opening(fragment: &str) -> Self {
        let link = Self::parse(fragment);
        let is_empty = fragment.trim_start_matches('#').is_empty();
        Self { is_framed: link.is_framed && !is_empty, ..link }
    }

    /// Whether a fragment has a setting of the tab Live, so that it leads there.
    #[must_use]
    pub fn leads_to_live(fragment: &str) -> bool {
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        form_urlencoded::parse(fragment.as_bytes()).any(|(name, _)| LIVE.contains(&&*name))
    }

    /// A path of the relay, with the token if there is one. It is in the query, because a browser cannot
    /// set a header on a WebSocket.
    #[must_use]
    pub fn with_token(&self, path: &str) -> String {
        let Some(token) = &self.token else { return path.to_owned() };
        let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}token={token}")
    }

    /// The fragment, without its `#`. It has only the settings that are not the default. It never has the token: a
    /// link is there to be shared.
    #[must_use]
    pub fn to_fragment(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let default = ReadOptions::PAGE_DEFAULT;
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
        if let Some(header) = self.write_header {
            query.append_pair("write_header", header.notation());
        }
        if let Some(target) = &self.target {
            query.append_pair("target", target);
        }
        if !self.is_framed {
            query.append_pair("framing", NO_FRAMING);
        }
        let first = Self::default().first_send;
        if self.first_send.text != first.text {
            query.append_pair("send", &self.first_send.text);
        }
        if let Some(times) = self.first_send.times.filter(|_| self.first_send.times != first.times)
        {
            query.append_pair("times", &times.to_string());
        }
        if self.has_lists {
            query.append_pair("view", LISTS);
        }
        if let Some(name) = &self.lessons.name {
            query.append_pair("lesson", name);
        }
        if let Some(wire) = &self.lessons.wire {
            query.append_pair("wire", &wire.to_string());
        }
        if let Some(LinkedMoment { steps, until, reader }) = self.lessons.moment {
            query.append_pair("steps", &steps.to_string());
            if until == Until::Line {
                query.append_pair("by", LINES);
            }
            if let Some(reader) = reader {
                query.append_pair("reader", &reader.to_string());
            }
        }
        for (index, program) in self.lessons.programs.iter().enumerate() {
            query.append_pair(&format!("file{index}"), &program.file);
            if let Some(text) = &program.text {
                query.append_pair(&format!("program{index}"), text);
            }
        }
        query.finish()
    }
}

/// The settings of the tab Live.
const LIVE: [&str; 10] = [
    "recv",
    "delay_ms",
    "nodelay",
    "header",
    "write_header",
    "target",
    "framing",
    "send",
    "times",
    "view",
];

/// The value of `framing` in a link to messages without headers.
const NO_FRAMING: &str = "none";
/// The value of `view` in a link to the lists.
const LISTS: &str = "list";

/// The value of `by` in a link to a moment that is reached line by line.
const LINES: &str = "line";

/// Parses the number of times that a text is sent. `None` if it is out of bounds.
#[must_use]
pub fn parse_times(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|times| (1..=MAX_TIMES).contains(times))
}

/// Parses the `recv` size that the user typed. `None` if it is out of bounds.
#[must_use]
pub fn parse_recv(text: &str) -> Option<u32> {
    ReadOptions::parse_recv(text.trim())
}

/// Parses the delay that the user typed. `None` if it is out of bounds.
#[must_use]
pub fn parse_delay(text: &str) -> Option<u32> {
    ReadOptions::parse_delay(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_parses_to_the_link_that_it_was_made_from() {
        let link = Link {
            read_options: ReadOptions { recv: 5, delay_ms: 200, nodelay: false },
            header: Some(HeaderFormat::NETWORK_UNSIGNED),
            write_header: Some(HeaderFormat::LITTLE_SIGNED),
            target: Some("my-db".into()),
            is_framed: false,
            first_send: Composer { text: "你好".into(), times: Some(2) },
            has_lists: true,
            token: None,
            lessons: Lessons {
                name: Some("4a".into()),
                programs: vec![
                    LinkedProgram { file: "server.py".into(), text: Some("print(1)\n".into()) },
                    LinkedProgram { file: "klient.py".into(), text: Some(String::new()) },
                ],
                wire: Some("latency 20ms, drop data > 2 10%".parse().expect("it is a wire")),
                moment: Some(LinkedMoment {
                    steps: 14,
                    until: Until::Line,
                    reader: Some(Reader::Recv(7)),
                }),
                no_wire: None,
            },
        };
        assert_eq!(Link::parse(&link.to_fragment()), link);
        assert_eq!(Link::default().to_fragment(), "");
        assert_eq!(Link::parse("#recv=5").read_options.recv, 5);
    }

    #[test]
    fn a_link_of_the_first_version_has_only_the_programs_that_were_changed() {
        let link = Link::parse("#lesson=4a&program1=client.connect(ADDRESS)");
        let text = |text: Option<&str>| LinkedProgram {
            file: String::new(),
            text: text.map(str::to_owned),
        };
        assert_eq!(link.lessons.programs, [text(None), text(Some("client.connect(ADDRESS)"))]);
    }

    #[test]
    fn a_page_that_opens_without_a_link_begins_without_headers() {
        assert!(!Link::opening("").is_framed && !Link::opening("#").is_framed);
        assert!(Link::opening("#recv=5").is_framed);
        assert!(!Link::opening("#framing=none").is_framed);
    }

    #[test]
    fn a_link_with_a_setting_of_live_leads_there() {
        let live = Link { has_lists: true, is_framed: false, ..Link::default() }.to_fragment();
        assert!(Link::leads_to_live(&live) && Link::leads_to_live("#token=a&recv=5"));
        for other in ["", "#", "#token=a", "#lesson=4a&steps=2", "#utm=recv"] {
            assert!(!Link::leads_to_live(other), "{other}");
        }
    }

    #[test]
    fn invalid_settings_in_a_link_are_ignored() {
        let link =
            Link::parse("#recv=0&delay_ms=x&header=q&program=4&file99=x&program16=y&%ff=%fe&");
        assert_eq!(link, Link::default());
        assert_eq!(Link::parse("#lesson="), Link::default());
    }

    #[test]
    fn the_token_of_a_link_is_added_to_the_query_of_a_path() {
        let link = Link::parse("#token=a%2Fb%2Bc");
        assert_eq!(link.with_token("/lab"), "/lab?token=a%2Fb%2Bc");
        assert_eq!(link.with_token("/bridge/x?recv=5"), "/bridge/x?recv=5&token=a%2Fb%2Bc");
        assert_eq!(Link::default().with_token("/lab"), "/lab");
        assert_eq!(link.to_fragment(), "", "a link to share does not have it");
    }
}
