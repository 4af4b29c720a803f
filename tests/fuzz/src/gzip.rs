//! Gzip without compression: what it costs is copying, so that the time goes to the reader.

use flate2::Crc;

/// One correct gzip member of stored blocks.
pub(crate) fn stored(content: &[u8]) -> Vec<u8> {
    let mut file = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    let mut blocks = content.chunks(0xffff).peekable();
    if blocks.peek().is_none() {
        file.extend(b"\x01\0\0\xff\xff");
    }
    while let Some(block) = blocks.next() {
        let last = blocks.peek().is_none();
        let length = block.len() as u16;
        file.push(u8::from(last));
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend(block);
    }
    let mut crc = Crc::new();
    crc.update(content);
    file.extend(crc.sum().to_le_bytes());
    file.extend((content.len() as u32).to_le_bytes());
    file
}
