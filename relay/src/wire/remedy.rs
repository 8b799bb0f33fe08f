//! What somebody can do to have a wire.

use std::fs;
use std::path::{Path, PathBuf};

use framescope_lab::{NoWire, NoWireReason};

/// What is known of the system that has no wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// Whether `AppArmor` refuses the capabilities of user namespaces to programs without a profile.
    pub apparmor: bool,
    /// The setting that forbids user namespaces, and the value that allows them.
    pub forbidden_by: Option<(&'static str, &'static str)>,
    /// What this process runs in.
    pub host: Host,
    /// Whether `/dev/net/tun` exists.
    pub has_tun: bool,
    /// The executable.
    pub executable: PathBuf,
}

/// What a process runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// Nothing else than its system.
    #[default]
    System,
    /// A container.
    Container,
    /// The service of systemd whose unit is in `deploy/`.
    Service,
}

impl Host {
    fn look() -> Self {
        let marks = ["/.dockerenv", "/run/.containerenv"];
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        if groups.lines().any(|line| line.ends_with("/framescope.service")) {
            Self::Service
        } else if marks.iter().any(|mark| Path::new(mark).exists()) {
            Self::Container
        } else {
            Self::System
        }
    }
}

impl System {
    /// Looks at this system.
    #[must_use]
    pub fn look(executable: &Path) -> Self {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let setting = |name: &str| read(&format!("/proc/sys/{}", name.replace('.', "/")));
        let forbids = |(name, _): &(&str, &str)| setting(name).trim() == "0";
        let settings =
            [("kernel.unprivileged_userns_clone", "1"), ("user.max_user_namespaces", "15000")];
        // A process may run an executable that has no path any more.
        let executable = fs::canonicalize(executable);
        Self {
            apparmor: setting("kernel.apparmor_restrict_unprivileged_userns").trim() == "1",
            forbidden_by: settings.into_iter().find(forbids),
            host: Host::look(),
            has_tun: Path::new("/dev/net/tun").exists(),
            executable: executable.unwrap_or_else(|_| "/usr/local/bin/framescope".into()),
        }
    }

    /// What to do, as commands to copy. `None` if nothing is known that helps.
    #[must_use]
    pub fn remedy(&self, why: &NoWire) -> Option<String> {
        let can_help = match why.reason {
            NoWireReason::Namespaces | NoWireReason::Tun | NoWireReason::Settings => true,
            NoWireReason::NotLinux | NoWireReason::Off | NoWireReason::Silent => false,
        };
        match self.host {
            Host::Container => can_help.then(|| CONTAINER.to_owned()),
            Host::Service => can_help.then(|| SERVICE.to_owned()),
            Host::System if why.reason == NoWireReason::Namespaces => match self.forbidden_by {
                Some((name, value)) => Some(format!("sudo sysctl --write {name}={value}")),
                None => self.apparmor.then(|| self.apparmor_profile()),
            },
            Host::System if why.reason == NoWireReason::Tun => {
                let open = "sudo chmod 0666 /dev/net/tun";
                Some(if self.has_tun { open } else { "sudo modprobe tun" }.to_owned())
            }
            Host::System => None,
        }
    }

    /// Puts a profile in place that lets the executable have user namespaces, and changes nothing else.
    fn apparmor_profile(&self) -> String {
        let executable = self.executable.display();
        format!(
            "sudo tee /etc/apparmor.d/framescope <<'EOF'\n\
             abi <abi/4.0>,\n\
             include <tunables/global>\n\
             profile framescope \"{executable}\" flags=(unconfined) {{\n  userns,\n}}\n\
             EOF\n\
             sudo apparmor_parser --replace /etc/apparmor.d/framescope"
        )
    }
}

/// A container has no TUN device, and its `/proc/sys` is not written.
const CONTAINER: &str = "docker run --device /dev/net/tun --security-opt seccomp=unconfined \
                         --security-opt apparmor=unconfined --security-opt systempaths=unconfined ...";

/// The unit in `deploy/` forbids namespaces and devices.
const SERVICE: &str = "sudo install -D --mode=644 deploy/wire.conf \
                       /etc/systemd/system/framescope.service.d/wire.conf\n\
                       sudo systemctl daemon-reload\n\
                       sudo systemctl restart framescope";

#[cfg(test)]
mod tests {
    use super::*;

    fn no_wire(reason: NoWireReason) -> NoWire {
        NoWire::new(reason, "")
    }

    fn remedy(system: &System, reason: NoWireReason) -> String {
        system.remedy(&no_wire(reason)).unwrap_or_default()
    }

    #[test]
    fn each_cause_has_its_own_remedy() {
        let plain = System { executable: "/opt/my framescope".into(), ..System::default() };
        assert_eq!(plain.remedy(&no_wire(NoWireReason::Namespaces)), None);
        assert_eq!(remedy(&plain, NoWireReason::Tun), "sudo modprobe tun");
        let forbids = ("user.max_user_namespaces", "15000");
        let forbidding = System { forbidden_by: Some(forbids), ..plain.clone() };
        let expected = "sudo sysctl --write user.max_user_namespaces=15000";
        assert_eq!(remedy(&forbidding, NoWireReason::Namespaces), expected);
        let tun = System { has_tun: true, ..plain.clone() };
        assert_eq!(remedy(&tun, NoWireReason::Tun), "sudo chmod 0666 /dev/net/tun");
        let apparmor = System { apparmor: true, ..plain.clone() };
        let profile = remedy(&apparmor, NoWireReason::Namespaces);
        assert!(
            profile.contains("profile framescope \"/opt/my framescope\" flags=(unconfined) {\n")
        );
        assert!(profile.contains("  userns,\n}\nEOF\n"), "{profile}");
        let container = System { host: Host::Container, ..apparmor.clone() };
        assert!(remedy(&container, NoWireReason::Tun).contains("--device /dev/net/tun"));
        let service = System { host: Host::Service, ..apparmor };
        assert!(remedy(&service, NoWireReason::Settings).contains("wire.conf"));
        for nothing in [NoWireReason::NotLinux, NoWireReason::Off, NoWireReason::Silent] {
            assert_eq!(service.remedy(&no_wire(nothing)), None);
        }
    }
}
