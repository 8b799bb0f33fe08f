//! Which choice of a variant's question a trace confirms.
//!
//! What comes in: a trace of the variant. What goes out: the index of the choice in the variant's texts, from
//! 0, or `None` if the trace confirms none of the choices or is not far enough.
//!
//! May use: `lessons::calls`, `lessons::segments`, `trace`.

mod buffers;
mod clients;
mod closing;
mod connecting;
mod header;
mod latency;
mod stream;
mod wire;

pub(super) use buffers::{acknowledged_unread, full_buffers, one_send, second_send};
pub(super) use clients::when_the_quick_one_is_read;
pub(super) use closing::{bind_again, late_bytes_arrive, recv_after_a_reset, who_is_in_time_wait};
pub(super) use connecting::{
    both_send, connect_alone, connects_before_accept, connects_with_backlog, reply, two_ports,
    what_the_client_receives, which_recv_returns,
};
pub(super) use header::{
    byte_order, end_of_content, first_recv, huge_length, negative_length, payload_of_one_recv,
    refused_lengths, text_as_length, two_messages, whole_message,
};
pub(super) use latency::{median_round_trip, round_trip};
pub(super) use stream::{
    chunks_with_data, decode_at_the_end, decode_each_chunk, empty_chunks, end_in_mid_message,
    first_two_chunks, recv_after_the_end,
};
pub(super) use wire::{
    closed_window, delivered_twice, first_of_three_lost, lost_syn, only_segment_lost, overtaken,
    whole_file,
};
