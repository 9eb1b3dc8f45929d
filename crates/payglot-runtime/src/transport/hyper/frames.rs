//! Tells what HTTP/2 brings beside bodies (RFC 9113, section 4.1): bodies are held back by flow control, the rest is not.

/// Bytes of a frame's head: length, type, flags and stream.
const HEAD: usize = 9;
/// The type of a frame that carries a part of a body.
const DATA: u8 = 0;

/// Follows the frames of one connection.
#[derive(Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    /// How much of a head is there.
    begun: usize,
    /// Bytes of the current frame that are still to come.
    rest: usize,
}

impl Frames {
    /// How many of the next bytes are no part of a body; heads of frames count.
    pub fn beside_bodies(&mut self, mut bytes: &[u8]) -> usize {
        let mut count = 0;
        while let Some((&byte, others)) = bytes.split_first() {
            if self.rest > 0 {
                let taken = self.rest.min(bytes.len());
                self.rest -= taken;
                if self.head.get(3) != Some(&DATA) {
                    count += taken;
                }
                bytes = bytes.get(taken..).unwrap_or_default();
                continue;
            }
            if let Some(slot) = self.head.get_mut(self.begun) {
                *slot = byte;
            }
            self.begun += 1;
            count += 1;
            bytes = others;
            if self.begun == HEAD {
                self.begun = 0;
                let [a, b, c, ..] = self.head;
                self.rest = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_12_19_bodies_do_not_count() {
        let headers = [&[0, 0, 3, 1, 4, 0, 0, 0, 1][..], b"abc"].concat();
        let data = [&[0, 1, 0, 0, 1, 0, 0, 0, 1][..], &[7; 256]].concat();
        let empty = [0, 0, 0, 0, 0, 0, 0, 0, 1];
        let all = [headers, data, empty.to_vec()].concat();
        for piece in [1, 2, 5, 9, 100, all.len()] {
            let mut frames = Frames::default();
            let count: usize = all.chunks(piece).map(|bytes| frames.beside_bodies(bytes)).sum();
            assert_eq!(count, 12 + 9 + 9, "{piece}");
        }
    }
}
