//! What a class is opened with.

use std::net::{IpAddr, SocketAddr};

use framescope_class::{ClassAddress, Code, ConsoleKey, Key, PlannedStep, Question};
use framescope_lab::Variant;
use framescope_protocol::paths;

use super::shared::SharedClass;

/// What a class is opened with.
#[derive(Clone, Debug)]
pub struct ClassConfig {
    /// The code with which students join.
    pub code: Code,
    /// The secret in the teacher's link.
    pub key: ConsoleKey,
    /// Where students reach the page.
    pub hosts: Hosts,
    /// The steps of the plan.
    pub plan: Vec<PlannedStep>,
    /// Where programs take the challenge. `None`: there is none.
    pub challenge: Option<ChallengeConfig>,
    /// The class, if other relays have it too.
    pub shared: Option<SharedClass>,
}

/// Where students reach the page of a class.
#[derive(Clone, Debug)]
pub enum Hosts {
    /// At these addresses of this machine, with the names of their networks.
    Own(Vec<(IpAddr, String)>),
    /// At this origin, that of a proxy: `https://class.example`.
    Proxy(String),
}

/// Where programs of students take the challenge.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeConfig {
    /// The address.
    pub listen: SocketAddr,
    /// Whether it may be ten or twenty ports above if the port is taken.
    pub may_listen_above: bool,
}

impl Hosts {
    /// The addresses of the page. `scheme` and `port` are the relay's own.
    pub(super) fn addresses(&self, (scheme, port): (&str, u16)) -> Vec<ClassAddress> {
        match self {
            Self::Own(hosts) => {
                let address = |(ip, network): &(IpAddr, String)| {
                    let typed = SocketAddr::from((*ip, port)).to_string();
                    let link = format!("{scheme}://{typed}{}", paths::CLASS_PAGE);
                    ClassAddress { typed, link, network: network.clone() }
                };
                hosts.iter().map(address).collect()
            }
            Self::Proxy(origin) => {
                let typed = origin.split_once("://").map_or(&**origin, |(_, host)| host);
                let link = format!("{origin}{}", paths::CLASS_PAGE);
                vec![ClassAddress { typed: typed.to_owned(), link, network: String::new() }]
            }
        }
    }
}

/// The question of a lesson. Runs decide what is right.
#[must_use]
pub fn of_lesson(variant: &Variant) -> Option<(Question, Key)> {
    let choices = u8::try_from(variant.texts("en").choices.len()).ok()?;
    let depends = variant.varies.then(|| u8::try_from(variant.expected).ok()).flatten();
    let question = Question::Lesson { variant: variant.name.to_owned(), choices };
    Some((question, Key::Measured { depends }))
}
