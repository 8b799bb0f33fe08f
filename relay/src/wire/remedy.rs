//! What somebody can do to have a wire.

use std::fs;
use std::path::{Path, PathBuf};

use framescope_lab::{NoWire, NoWireReason};
use rustix::fs::{FileType, major, minor};

/// What is known of the system that has no wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// Whether `AppArmor` refuses the capabilities of user namespaces to programs without a profile.
    pub apparmor: bool,
    /// The setting that forbids namespaces, and the value that allows them.
    pub forbidden_by: Option<(&'static str, &'static str)>,
    /// What this process runs in.
    pub host: Host,
    /// What `/dev/net/tun` is.
    pub tun: TunFile,
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

/// What `/dev/net/tun` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TunFile {
    /// There is no such file.
    #[default]
    Missing,
    /// The file that makes TUN devices.
    Device,
    /// Another file.
    Other,
}

impl TunFile {
    /// The device's number on every Linux: see `Documentation/admin-guide/devices.txt`.
    const NUMBER: (u32, u32) = (10, 200);

    fn look() -> Self {
        let Ok(file) = rustix::fs::stat("/dev/net/tun") else { return Self::Missing };
        let is_device = FileType::from_raw_mode(file.st_mode) == FileType::CharacterDevice;
        let number = (major(file.st_rdev), minor(file.st_rdev));
        if is_device && number == Self::NUMBER { Self::Device } else { Self::Other }
    }
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
        let settings = [
            ("kernel.unprivileged_userns_clone", "1"),
            ("user.max_user_namespaces", "15000"),
            ("user.max_net_namespaces", "15000"),
        ];
        // A process may run an executable that has no path any more.
        let executable = fs::canonicalize(executable);
        Self {
            apparmor: setting("kernel.apparmor_restrict_unprivileged_userns").trim() == "1",
            forbidden_by: settings.into_iter().find(forbids),
            host: Host::look(),
            tun: TunFile::look(),
            executable: executable.unwrap_or_else(|_| "/usr/local/bin/framescope".into()),
        }
    }

    /// What to do, as commands to copy. `None` if nothing is known that helps.
    #[must_use]
    pub fn remedy(&self, why: &NoWire) -> Option<String> {
        let can_help = match why.reason {
            NoWireReason::Namespaces | NoWireReason::Tun | NoWireReason::Settings => true,
            NoWireReason::NotLinux
            | NoWireReason::Off
            | NoWireReason::Silent
            | NoWireReason::Right => false,
        };
        if let Some((name, value)) = self.forbidden_by
            && why.reason == NoWireReason::Namespaces
        {
            let command = format!("sudo sysctl --write {name}={value}");
            return Some(match self.host {
                Host::Container => format!("{command}   # on the host of this container"),
                Host::Service | Host::System => command,
            });
        }
        match self.host {
            Host::Container => can_help.then(|| CONTAINER.to_owned()),
            Host::Service => can_help.then(|| SERVICE.to_owned()),
            Host::System => match why.reason {
                NoWireReason::Namespaces => self.apparmor.then(|| self.apparmor_profile()),
                NoWireReason::Tun => match self.tun {
                    TunFile::Missing => Some("sudo modprobe tun".to_owned()),
                    TunFile::Device => Some("sudo chmod 0666 /dev/net/tun".to_owned()),
                    TunFile::Other => None,
                },
                NoWireReason::Settings
                | NoWireReason::NotLinux
                | NoWireReason::Off
                | NoWireReason::Silent
                | NoWireReason::Right => None,
            },
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
        let tun = System { tun: TunFile::Device, ..plain.clone() };
        assert_eq!(remedy(&tun, NoWireReason::Tun), "sudo chmod 0666 /dev/net/tun");
        let other = System { tun: TunFile::Other, ..plain.clone() };
        assert_eq!(other.remedy(&no_wire(NoWireReason::Tun)), None);
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

    #[test]
    fn a_setting_that_forbids_namespaces_is_changed_wherever_the_process_runs() {
        let expected = "sudo sysctl --write user.max_net_namespaces=15000";
        for (host, end) in [
            (Host::System, ""),
            (Host::Service, ""),
            (Host::Container, "   # on the host of this container"),
        ] {
            let forbidden_by = Some(("user.max_net_namespaces", "15000"));
            let system = System { forbidden_by, host, ..System::default() };
            assert_eq!(remedy(&system, NoWireReason::Namespaces), format!("{expected}{end}"));
            assert!(!remedy(&system, NoWireReason::Tun).contains("sysctl"));
        }
    }
}
