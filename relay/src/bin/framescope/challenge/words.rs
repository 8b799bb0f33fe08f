//! What the challenge says, in its language.

use std::fmt::Display;

use framescope::challenge::{MAX_GREETING, NoGreeting};
use framescope_challenge::{Case, Reason};

use crate::language::Language;

/// What is said of a challenge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

impl Words {
    const fn one(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self.0 {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    pub(super) fn begin(self, address: impl Display, header: &str) -> String {
        match self.0 {
            Language::English => format!(
                "challenge   {address}, header {header}\n\
                 your client connects, sends one message, and answers each message with the same bytes\n\
                 stop with   Ctrl-C"
            ),
            Language::Chinese => format!(
                "挑战        {address}，头部 {header}\n\
                 你的客户端先连接，发送一条消息，然后把收到的每条消息原样发回\n\
                 停止        Ctrl-C"
            ),
        }
    }

    pub(super) const fn all_passed(self) -> &'static str {
        self.one("all cases are passed", "全部通过")
    }

    pub(super) const fn case(self, case: Case) -> &'static str {
        match case {
            Case::Alone => self.one("each message alone", "每条消息单独到达"),
            Case::Stuck => self.one("all messages stuck together", "所有消息粘在一起"),
            Case::HeaderInPieces => self.one("a pause within each header", "头部分成两段到达"),
            Case::ByteByByte => self.one("one byte at a time", "一次只到一个字节"),
            Case::HalfACharacter => {
                self.one("a pause in the middle of a character", "一个汉字分成两段到达")
            }
            Case::Empty => self.one("a message without a byte", "长度为 0 的消息"),
            Case::Long => {
                self.one("a message longer than one recv returns", "一次 recv 收不完的长消息")
            }
            Case::CutAnywhere => self.one("cut anywhere", "在任意位置断开"),
            Case::LyingHeader => self.one("a header that lies", "头部里的长度不可能"),
            Case::EndInTheMiddle => {
                self.one("the stream ends in the middle of a message", "消息没收完，连接就结束")
            }
        }
    }

    pub(super) const fn reason(self, reason: Reason) -> &'static str {
        match reason {
            Reason::Differs => self.one("a byte of the answers is wrong", "回复中有一个字节不对"),
            Reason::ClosedEarly => self.one(
                "the connection was closed, and an answer is missing",
                "连接已关闭，还缺少回复",
            ),
            Reason::TooMuch => {
                self.one("there is an answer to what is no message", "对不是消息的内容作了回复")
            }
            Reason::TimedOut => self.one(
                "it neither answered nor closed within 5 seconds",
                "5 秒内既没有回复，也没有关闭连接",
            ),
            Reason::Reset => self.one("the connection was reset", "连接被重置"),
        }
    }

    pub(super) const fn place(self) -> &'static str {
        self.one("where     ", "位置  ")
    }

    pub(super) const fn expected(self) -> &'static str {
        self.one("expected  ", "应为  ")
    }

    pub(super) const fn came(self) -> &'static str {
        self.one("came      ", "收到  ")
    }

    pub(super) const fn again(self) -> &'static str {
        self.one("again     ", "重试  ")
    }

    pub(super) fn in_answer(self, at: usize, message: usize, cuts: &[usize]) -> String {
        let shown: Vec<String> = cuts.iter().take(5).map(ToString::to_string).collect();
        let shown = shown.join(", ");
        let more = if cuts.len() > 5 { ", …" } else { "" };
        match self.0 {
            Language::English => {
                let cut = if cuts.is_empty() {
                    String::new()
                } else {
                    format!(", which came cut after byte {shown}{more}")
                };
                format!("byte {at} of the answers, in the answer to message {message}{cut}")
            }
            Language::Chinese => {
                let cut = if cuts.is_empty() {
                    String::new()
                } else {
                    format!("，该消息到达时在第 {shown}{more} 字节后断开")
                };
                format!("全部回复的第 {at} 字节，即对第 {message} 条消息的回复{cut}")
            }
        }
    }

    pub(super) fn after_answers(self, at: usize) -> String {
        match self.0 {
            Language::English => format!("after the last answer, byte {at}"),
            Language::Chinese => format!("最后一条回复之后，第 {at} 字节"),
        }
    }

    pub(super) fn no_greeting(self, why: NoGreeting) -> String {
        match (self.0, why) {
            (Language::English, why) => format!("a client connected, but {why}"),
            (Language::Chinese, NoGreeting::Left) => {
                "有客户端连接，但没发完第一条消息就离开了".to_owned()
            }
            (Language::Chinese, NoGreeting::TimedOut) => {
                "有客户端连接，但没有及时发完第一条消息".to_owned()
            }
            (Language::Chinese, NoGreeting::Header) => format!(
                "有客户端连接，但第一条消息的长度不在 0 到 {MAX_GREETING} 之间：头部格式对吗？"
            ),
            (Language::Chinese, NoGreeting::TooMuch) => {
                "有客户端连接，但没等回复就发了不止一条消息".to_owned()
            }
        }
    }
}
