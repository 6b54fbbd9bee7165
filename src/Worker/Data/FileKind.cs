using System.Buffers;

namespace FedQueue.Worker.Data;

/// <summary>Kinds of files that are no CSV, by their first bytes.</summary>
internal static class FileKind
{
    private static readonly (byte[] Start, string Name, string Remedy)[] Known =
    [
        ([0x1F, 0x8B], "a gzip file", "unpack it first, with gunzip for instance"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file", "unpack it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file", "unpack it first"),
        ("PAR1"u8.ToArray(), "a Parquet file", "save it as CSV"),
        ("PK\x03\x04"u8.ToArray(), "a ZIP archive or a spreadsheet (xlsx, ods)", "unpack it, or save the sheet as CSV"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Office document (xls)", "save the sheet as CSV"),
        ("SQLite format 3"u8.ToArray(), "an SQLite database", "export the table as CSV"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file", "save it as CSV"),
        ("%PDF-"u8.ToArray(), "a PDF document", "take the CSV that it was made of"),
    ];

    /// <summary>Bytes that a text has not: a column may well be named PAR1.</summary>
    private static readonly SearchValues<byte> NoText = SearchValues.Create([.. Enumerable.Range(0, 32).Except(['\t', '\n', '\r']).Select(value => (byte)value), .. Enumerable.Range(0x80, 0x40).Select(value => (byte)value)]);

    /// <exception cref="DataException">It is a known kind of file and no CSV.</exception>
    public static void RefuseOther(string path, Stream file)
    {
        Span<byte> start = stackalloc byte[16];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        foreach (var (bytes, name, remedy) in Known)
            if (start[..read].StartsWith(bytes) && start[..read].ContainsAny(NoText))
                throw new DataException($"{path} is {name}, and what is needed is CSV as plain text: {remedy}.");
    }
}
