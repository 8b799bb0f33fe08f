//! What `framescope doctor` says, in its language. Commands and what the system itself says are the same in each.

use std::fmt::Display;

use framescope_lab::NoWireReason;

use super::finding::Name;
use crate::language::Language;

/// What is said of the machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

impl Words {
    pub(super) const fn name(self, name: Name) -> &'static str {
        match (name, self.0) {
            (Name::Page, Language::English) => "page",
            (Name::Page, Language::Chinese) => "网页",
            (Name::TcpServer, Language::English) => "TCP server",
            (Name::TcpServer, Language::Chinese) => "TCP 服务器",
            (Name::Course, Language::English) => "course",
            (Name::Course, Language::Chinese) => "课堂端口",
            (Name::Addresses, Language::English) => "addresses",
            (Name::Addresses, Language::Chinese) => "地址",
            (Name::Limits, Language::English) => "limits",
            (Name::Limits, Language::Chinese) => "上限",
            (Name::Wire, Language::English) => "wire",
            (Name::Wire, Language::Chinese) => "线路",
            (Name::Browser, Language::English) => "browser",
            (Name::Browser, Language::Chinese) => "浏览器",
        }
    }

    pub(super) fn is_free(self, address: impl Display) -> String {
        match self.0 {
            Language::English => format!("{address} is free"),
            Language::Chinese => format!("{address} 空闲"),
        }
    }

    pub(super) fn is_taken(self, address: impl Display, other: u16) -> String {
        match self.0 {
            Language::English => format!("another program has {address}; framescope takes {other}"),
            Language::Chinese => format!("别的程序占用了 {address}；framescope 会改用 {other}"),
        }
    }

    /// `error` is what the system says.
    pub(super) fn cannot_listen(self, address: impl Display, error: &str) -> String {
        match self.0 {
            Language::English => format!("cannot listen on {address}: {error}"),
            Language::Chinese => format!("无法在 {address} 上监听：{error}"),
        }
    }

    pub(super) const fn course_ports_are_free(self) -> &'static str {
        match self.0 {
            Language::English => "ports 8080 and 9527 are free for the programs of courses",
            Language::Chinese => "课堂程序常用的端口 8080 和 9527 空闲",
        }
    }

    pub(super) fn course_ports_are_used(self, ports: &[String]) -> String {
        match self.0 {
            Language::English => {
                let ports = ports.join(" and ");
                format!("another program has port {ports}; programs of the lab do not mind")
            }
            Language::Chinese => {
                let ports = ports.join(" 和 ");
                format!("别的程序占用了端口 {ports}；实验里的程序不受影响")
            }
        }
    }

    pub(super) fn on_this_machine(self, address: impl Display) -> String {
        match self.0 {
            Language::English => format!("http://{address}/ on this machine"),
            Language::Chinese => format!("http://{address}/，只有本机能打开"),
        }
    }

    pub(super) const fn for_a_class(self) -> &'static str {
        match self.0 {
            Language::English => "for a class",
            Language::Chinese => "给全班用",
        }
    }

    pub(super) const fn no_address(self) -> &'static str {
        match self.0 {
            Language::English => "this machine has no address that others reach",
            Language::Chinese => "本机没有别的机器能访问的地址",
        }
    }

    #[cfg(unix)]
    pub(super) fn enough_descriptors(self, most: u64) -> String {
        match self.0 {
            Language::English => format!("up to {most} open descriptors, enough for all sessions"),
            Language::Chinese => format!("最多可打开 {most} 个文件描述符，足够所有会话使用"),
        }
    }

    #[cfg(unix)]
    pub(super) fn few_descriptors(self, most: u64, sessions: u64) -> String {
        match self.0 {
            Language::English => {
                format!("up to {most} open descriptors, which is about {sessions} sessions")
            }
            Language::Chinese => format!("最多可打开 {most} 个文件描述符，约够 {sessions} 个会话"),
        }
    }

    pub(super) const fn no_limits(self) -> &'static str {
        match self.0 {
            Language::English => "this system sets none",
            Language::Chinese => "本系统没有上限",
        }
    }

    pub(super) const fn wire_works(self) -> &'static str {
        match self.0 {
            Language::English => {
                "namespaces and TUN devices work: every segment of an experiment is seen"
            }
            Language::Chinese => "命名空间和 TUN 设备可用：实验中的每个报文段都能看到",
        }
    }

    /// `error` is what was tried and what the system says, in English.
    pub(super) fn no_wire(self, reason: NoWireReason, error: &str) -> String {
        match self.0 {
            Language::English => format!("experiments run, and no segment is seen: {error}"),
            Language::Chinese => {
                let why = match reason {
                    NoWireReason::NotLinux => "只有 Linux 支持",
                    NoWireReason::Off => "已关闭",
                    NoWireReason::Namespaces => "系统不允许用户和网络命名空间",
                    NoWireReason::Tun => "没有 /dev/net/tun，或当前用户打不开它",
                    NoWireReason::Settings => "不允许设置命名空间里的网络",
                    NoWireReason::Silent => "没有报文段通过",
                    NoWireReason::Right => "没有抓包的权限",
                };
                format!("实验可以运行，但看不到报文段：{why}（{error}）")
            }
        }
    }

    pub(super) const fn no_display(self) -> &'static str {
        match self.0 {
            Language::English => {
                "this terminal has no display: open the address in a browser elsewhere"
            }
            Language::Chinese => "这个终端没有图形界面：请在别处的浏览器中打开地址",
        }
    }

    pub(super) const fn open_opens(self) -> &'static str {
        match self.0 {
            Language::English => "framescope --open opens one",
            Language::Chinese => "framescope --open 会打开它",
        }
    }

    pub(super) const fn none_opens(self) -> &'static str {
        match self.0 {
            Language::English => "none can be opened from here: open the address yourself",
            Language::Chinese => "无法从这里打开浏览器：请自己打开地址",
        }
    }
}
