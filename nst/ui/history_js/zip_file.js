// A ZIP file as a Blob: its files are stored as they are, as PNG can't be made smaller.

const CRC_TABLE = Uint32Array.from({length: 256}, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
});

function crcOf(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
    return ~crc >>> 0;
}

// The numbers little-endian, each given as [value, its bytes].
function packed(...numbers) {
    return Uint8Array.from(numbers.flatMap(([value, bytes]) => Array.from({length: bytes}, (_, i) => value >>> (8 * i))));
}

function dosTime(date) {
    const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
    const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
    return [[time, 2], [day, 2]];
}

// files: of {name, blob, made}, the last in milliseconds; fewer than 65,536 of less than 4 GB together.
async function zipOf(files) {
    const parts = [], directory = [];
    let offset = 0;
    for (const {name, blob, made} of files) {
        const encoded = new TextEncoder().encode(name), crc = crcOf(new Uint8Array(await blob.arrayBuffer()));
        const about = [
            [20, 2], [0x0800, 2], [0, 2], ...dosTime(new Date(made)), [crc, 4], [blob.size, 4], [blob.size, 4],
            [encoded.length, 2], [0, 2],
        ];
        const header = packed([0x04034b50, 4], ...about);
        directory.push(packed([0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), encoded);
        parts.push(header, encoded, blob);
        offset += header.length + encoded.length + blob.size;
    }
    const length = directory.reduce((sum, part) => sum + part.length, 0);
    const count = [[files.length, 2], [files.length, 2]];
    const end = packed([0x06054b50, 4], [0, 2], [0, 2], ...count, [length, 4], [offset, 4], [0, 2]);
    return new Blob([...parts, ...directory, end], {type: 'application/zip'});
}
