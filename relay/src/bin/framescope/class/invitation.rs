//! What the terminal says of a class: where its students and its teacher go.

use std::fmt::Write as _;

use framescope_class::{ClassAddress, Code};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Where the students and the teacher of a class go.
pub(super) struct Invitation<'a> {
    pub(super) code: Code,
    pub(super) addresses: &'a [ClassAddress],
    /// The teacher's link, with the key.
    pub(super) teacher: &'a str,
    /// The port of the challenge, if there is one.
    pub(super) challenge: Option<u16>,
    /// Whether other machines reach the class.
    pub(super) is_open: bool,
}

impl Invitation<'_> {
    /// The lines for the terminal.
    pub(super) fn text(&self) -> String {
        let mut text = format!("code        {}\n", self.code);
        for (index, address) in self.addresses.iter().enumerate() {
            let label = if index == 0 { "students" } else { "" };
            // Writing to a text does not fail.
            let _ = match &*address.network {
                "" => writeln!(text, "{label:<12}{}", address.link.trim_end_matches("class.html")),
                network => writeln!(text, "{label:<12}http://{}/  ({network})", address.typed),
            };
        }
        let _ = writeln!(text, "teacher     {}  (keep it: it has the key)", self.teacher);
        if let Some(port) = self.challenge {
            let _ = writeln!(text, "challenge   port {port}, for students' own programs");
        }
        if !self.is_open {
            text.push_str(
                "note        only this machine reaches the class; --lan opens it to the network\n",
            );
        } else if self.addresses.is_empty() {
            text.push_str(
                "note        this machine is in no network: join one, or open a hotspot\n",
            );
        }
        if let Some(address) = self.addresses.first().filter(|_| self.is_open) {
            text.push_str(&qr(&address.join_link(self.code)));
        }
        text
    }
}

/// A link as a QR code for a dark terminal, with its margin. Empty if the link is too long for one.
fn qr(link: &str) -> String {
    QrCode::new(link).map_or_else(
        |_| String::new(),
        |code| {
            let mut code = code.render::<Dense1x2>();
            let code = code.dark_color(Dense1x2::Dark).light_color(Dense1x2::Light);
            format!("\n{}\n", code.build())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_says_where_to_go_and_shows_it_as_a_qr_code() {
        let addresses = [("192.168.1.20", "wlan0"), ("10.0.0.3", "eth0")].map(|(ip, network)| {
            let (typed, network) = (format!("{ip}:9528"), network.to_owned());
            ClassAddress { link: format!("http://{typed}/class.html"), typed, network }
        });
        let code = "QKF TDN".parse().expect("it is a code");
        let teacher = "http://127.0.0.1:9528/class.html#key=0a";
        let (challenge, is_open) = (Some(9530), true);
        let open = Invitation { code, addresses: &addresses, teacher, challenge, is_open };
        let text = open.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..5],
            [
                "code        QKF TDN",
                "students    http://192.168.1.20:9528/  (wlan0)",
                "            http://10.0.0.3:9528/  (eth0)",
                "teacher     http://127.0.0.1:9528/class.html#key=0a  (keep it: it has the key)",
                "challenge   port 9530, for students' own programs",
            ]
        );
        assert_eq!(addresses[0].join_link(code), "http://192.168.1.20:9528/class.html#QKFTDN");
        let widths: Vec<_> = lines[6..].iter().map(|line| line.chars().count()).collect();
        assert!(widths.len() > 15 && widths.iter().all(|width| *width == widths[0]), "{text}");
        let closed = Invitation { is_open: false, ..open };
        assert!(closed.text().ends_with("--lan opens it to the network\n"));
    }
}
