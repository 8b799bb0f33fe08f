//! Whether a person started the program on a desktop: then it may open a browser.

use std::env;
use std::fs::{self, File};
use std::io::{IsTerminal as _, stdout};
use std::path::Path;

/// What the program's output tells of its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The output is a terminal.
    Terminal,
    /// The output goes elsewhere, and a terminal controls the program: a script started it.
    Script,
    /// No terminal controls it: it was clicked on, or something else has started it.
    NoTerminal,
}

/// What the system says of who started the program, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Whether windows can be shown.
    pub(crate) has_display: bool,
    /// How it was started.
    pub(crate) start: Start,
    /// Whether it is in a container, or the person sits at another machine.
    pub(crate) is_elsewhere: bool,
    /// Whether the system's manager of services has started it.
    pub(crate) is_service: bool,
}

impl Surroundings {
    /// Looks around.
    pub(crate) fn look() -> Self {
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        // Windows and macOS have a display. So has Linux if one of these is set.
        let has_display = cfg!(not(all(unix, not(target_os = "macos"))))
            || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(is_set);
        // `container` is set by systemd-nspawn, Podman and others (systemd.io, Container Interface).
        let is_elsewhere = ["container", "SSH_CONNECTION", "CI"].iter().any(is_set)
            || ["/.dockerenv", "/run/.containerenv"].iter().any(|file| Path::new(file).exists());
        // tty(4): it can be opened only by a process that a terminal controls.
        let start = match (stdout().is_terminal(), File::open("/dev/tty")) {
            (true, _) => Start::Terminal,
            (false, Ok(_)) => Start::Script,
            (false, Err(_)) => Start::NoTerminal,
        };
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self { has_display, start, is_elsewhere, is_service: is_service(&groups) }
    }

    /// Whether to open a browser without being told: a person typed the program's name, or clicked on it.
    pub(crate) const fn is_desktop(self) -> bool {
        let is_by_a_person = match self.start {
            Start::Terminal => true,
            Start::Script => false,
            // What is clicked on has a terminal on Windows and macOS.
            Start::NoTerminal => cfg!(all(unix, not(target_os = "macos"))),
        };
        self.has_display && !self.is_elsewhere && !self.is_service && is_by_a_person
    }
}

/// Whether the last of these control groups (cgroups(7)) is that of a service of systemd. What a desktop starts has a name of
/// its own ("Desktop Environment Integration", systemd.io).
fn is_service(groups: &str) -> bool {
    let of_process = groups.lines().find_map(|line| line.strip_prefix("0::"));
    let unit = of_process.and_then(|group| group.rsplit('/').next()).unwrap_or_default();
    unit.ends_with(".service") && !unit.starts_with("app-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: Surroundings = Surroundings {
        has_display: true,
        start: Start::Terminal,
        is_elsewhere: false,
        is_service: false,
    };

    #[test]
    fn a_unit_of_systemd_is_a_service_and_what_a_desktop_starts_is_none() {
        for (groups, expected) in [
            ("0::/system.slice/framescope.service\n", true),
            ("0::/system.slice/cron.service\n", true),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/framescope.service\n",
                true,
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-framescope@1f.service\n",
                false,
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-framescope-7.scope\n",
                false,
            ),
            ("0::/user.slice/user-1000.slice/session-2.scope\n", false),
            ("0::/\n", false),
            ("", false),
        ] {
            assert_eq!(is_service(groups), expected, "{groups}");
        }
    }

    #[test]
    fn a_name_that_is_typed_at_a_desktop_opens_a_browser() {
        assert!(TYPED.is_desktop());
        assert!(!Surroundings { has_display: false, ..TYPED }.is_desktop());
        assert!(!Surroundings { is_elsewhere: true, ..TYPED }.is_desktop());
        assert!(!Surroundings { start: Start::Script, ..TYPED }.is_desktop());
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn so_does_a_click_and_a_service_does_not() {
        let clicked = Surroundings { start: Start::NoTerminal, ..TYPED };
        assert!(clicked.is_desktop());
        assert!(!Surroundings { has_display: false, ..clicked }.is_desktop());
        assert!(!Surroundings { is_service: true, ..clicked }.is_desktop());
    }
}
