//! `framescope doctor`, and experiments where there is no wire.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use crate::support::process::{Finished, framescope, run};

/// The findings of a command, and its exit code.
async fn findings(command: Command) -> (Vec<Value>, Option<i32>) {
    let Finished { code, stdout, stderr } = run(command).await;
    assert_eq!(stderr, "");
    (serde_json::from_str(&stdout).expect("it prints JSON"), code)
}

fn finding<'a>(findings: &'a [Value], name: &str) -> &'a Value {
    findings.iter().find(|finding| finding["name"] == name).expect("it is looked at")
}

/// A port of this machine that nobody uses.
fn free_port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it has an address").to_string();
    (listener, address)
}

#[tokio::test]
async fn a_port_that_another_program_has_is_a_problem_and_the_exit_code_says_so() {
    let ((taken, address), (freed, free)) = (free_port(), free_port());
    drop(freed);
    let doctor = |listen: &str| {
        let mut command = framescope();
        command.args(["doctor", "--json", "--listen", listen, "--tcp-listen", &free]);
        command
    };
    let (found, code) = findings(doctor(&address)).await;
    assert_eq!(code, Some(1));
    let page = finding(&found, "page");
    assert_eq!(page["verdict"], "problem", "{page}");
    assert_eq!(page["found"], format!("cannot listen on {address}: Address already in use"));
    assert_eq!(page["remedy"], "framescope --listen 127.0.0.1:0");
    drop(taken);
    let (found, _) = findings(doctor(&address)).await;
    assert_eq!(finding(&found, "page")["verdict"], "well");
}

#[tokio::test]
async fn everything_is_looked_at() {
    let mut command = framescope();
    command.args(["doctor", "--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
    let Finished { stdout, .. } = run(command).await;
    let names = stdout.lines().filter(|line| !line.starts_with(' '));
    let names = names.map(|line| line.get(4..14).unwrap_or(line).trim());
    let expected = ["page", "TCP server", "course", "addresses", "limits", "wire", "browser"];
    assert!(names.eq(expected), "{stdout}");
}

#[tokio::test]
async fn in_chinese_the_same_is_said_in_the_same_columns() {
    let mut command = framescope();
    command.args(["doctor", "--listen", "127.0.0.1:0", "--tcp-listen", "127.0.0.1:0"]);
    command.args(["--lang", "zh-CN"]);
    let Finished { stdout, .. } = run(command).await;
    assert!(stdout.starts_with("ok  网页        127.0.0.1:0 空闲\n"), "{stdout}");
    assert!(stdout.contains("\nok  TCP 服务器  127.0.0.1:0 空闲\n"), "{stdout}");
    let names = ["网页", "TCP 服务器", "课堂端口", "地址", "上限", "线路", "浏览器"];
    let lines = stdout.lines().filter(|line| !line.starts_with(' '));
    assert!(lines.zip(names).all(|(line, name)| line.get(4..).unwrap_or("").starts_with(name)));
}

#[cfg(target_os = "linux")]
mod without_a_wire {
    use super::*;
    use crate::support::process::copy_framescope;

    /// Runs the program after a change of what it sees of the system.
    fn after(change: &str, arguments: &str) -> Command {
        let program = env!("CARGO_BIN_EXE_framescope");
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &format!("{change} {program} {arguments}")]);
        command
    }

    /// Nobody has made the file of TUN devices.
    const NO_TUN: &str = "mount -t tmpfs none /dev/net && exec";
    /// Another device has that name.
    const OTHER_DEVICE: &str = "mount --bind /dev/null /dev/net/tun && exec";
    /// A process with another root may not have a user namespace.
    const NO_NAMESPACES: &str = "mount --rbind / /mnt && exec chroot /mnt";
    /// As in a container.
    const NO_SETTINGS: &str =
        "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec";

    #[tokio::test]
    async fn the_wire_s_problem_has_its_reason() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can take the TUN device away");
            return;
        }
        for (change, reason) in [
            (NO_TUN, "/dev/net/tun cannot be opened: No such file or directory"),
            (OTHER_DEVICE, "/dev/net/tun makes no device: Inappropriate ioctl for device"),
            (NO_NAMESPACES, "the system allows no user and network namespaces: "),
            (NO_SETTINGS, "the settings of the network in a namespace cannot be changed: "),
        ] {
            let arguments = "doctor --json --listen 127.0.0.1:0 --tcp-listen 127.0.0.1:0";
            let (found, code) = findings(after(change, arguments)).await;
            let wire = finding(&found, "wire");
            assert_eq!((&wire["verdict"], code), (&"problem".into(), Some(1)));
            assert!(wire["found"].as_str().is_some_and(|found| found.contains(reason)), "{wire}");
        }
    }

    #[tokio::test]
    async fn experiments_run_on_the_loopback_interface_and_say_why_no_segment_is_seen() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can take the TUN device away");
            return;
        }
        for change in [NO_TUN, NO_NAMESPACES, NO_SETTINGS] {
            let Finished { code, stdout, stderr } = run(after(change, "lesson run 4 --wire")).await;
            assert_eq!(code, Some(0), "{stdout}\n{stderr}");
            assert!(stdout.contains("| b'hellohellohello'"), "{stdout}");
            assert!(!stdout.contains("Flags ["), "{stdout}");
            assert!(stderr.starts_with("framescope: no segment is seen, and "), "{stderr}");
        }
    }

    #[tokio::test]
    async fn what_should_happen_on_a_wire_is_not_passed_over_in_silence() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can take the TUN device away");
            return;
        }
        let missed = "no segment is seen, and what should happen on the wire does not happen: ";
        for (arguments, code, sentence) in [
            ("lesson run 4 --on-wire drop", 2, "--on-wire needs a wire, "),
            ("lesson run 1b --on-wire drop", 2, "--on-wire needs a wire, "),
            ("lesson run 4 --on-wire ''", 0, ""),
            ("lesson run 1b", 0, missed),
            ("lesson run 1b --no-wire", 0, missed),
        ] {
            let finished = run(after(NO_TUN, arguments)).await;
            assert_eq!(finished.code, Some(code), "{arguments}: {}", finished.stderr);
            let said = finished.stderr.strip_prefix("framescope: ").unwrap_or_default();
            assert!(said.starts_with(sentence), "{arguments}: {said}");
            assert_eq!(said.is_empty(), sentence.is_empty(), "{arguments}: {said}");
        }
    }

    /// It takes no privileges.
    #[tokio::test]
    async fn an_ordinary_user_has_a_wire() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can become another user");
            return;
        }
        // The user may not see the folder in which the program was built.
        let program = std::env::temp_dir().join(format!("framescope-user-{}", std::process::id()));
        copy_framescope(&program);
        // Ordinary systems let everybody open the device.
        let script = format!(
            "cp -a /dev/net/tun /dev/shm/tun-$$ && chmod 0666 /dev/shm/tun-$$ && \
             mount --bind /dev/shm/tun-$$ /dev/net/tun && rm /dev/shm/tun-$$ && \
             exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs {} \
             lesson run 1 --wire",
            program.display()
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &script]);
        let Finished { code, stdout, stderr } = run(command).await;
        let _ = std::fs::remove_file(program);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
        assert!(stdout.contains("Flags [S.], seq 0, ack 1"), "{stdout}");
    }
}
