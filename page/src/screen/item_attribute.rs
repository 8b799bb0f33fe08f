//! The `data-item` attribute of an item in the document: `r b 12`, `s c 0`, `r m 3`.

use framescope_record::{Direction, Item, ItemKind};

/// Writes the attribute.
#[must_use]
pub fn to_attribute(item: Item) -> String {
    let direction = match item.direction {
        Direction::Received => 'r',
        Direction::Sent => 's',
    };
    match item.kind {
        ItemKind::Byte(at) => format!("{direction} b {at}"),
        ItemKind::Chunk(number) => format!("{direction} c {number}"),
        ItemKind::Message(number) => format!("{direction} m {number}"),
    }
}

/// Reads the attribute. `None` if the text is not one.
#[must_use]
pub fn from_attribute(text: &str) -> Option<Item> {
    let mut words = text.split(' ');
    let direction = match words.next()? {
        "r" => Direction::Received,
        "s" => Direction::Sent,
        _ => return None,
    };
    let (kind, number) = (words.next()?, words.next()?);
    let kind = match kind {
        "b" => ItemKind::Byte(number.parse().ok()?),
        "c" => ItemKind::Chunk(number.parse().ok()?),
        "m" => ItemKind::Message(number.parse().ok()?),
        _ => return None,
    };
    Some(Item { direction, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_reads_back_from_its_attribute() {
        for kind in [ItemKind::Byte(1 << 40), ItemKind::Chunk(0), ItemKind::Message(7)] {
            for direction in [Direction::Received, Direction::Sent] {
                let item = Item { direction, kind };
                assert_eq!(from_attribute(&to_attribute(item)), Some(item));
            }
        }
        for text in ["", "r", "r b", "r b x", "x b 1", "r z 1"] {
            assert_eq!(from_attribute(text), None);
        }
    }
}
