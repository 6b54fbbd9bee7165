using System.Text;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public sealed class RefusedFileTests : IDisposable
{
    private static readonly ColumnPlan Plan = new() { Target = "y", Features = ["x", "y"], Window = 2 };

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    public static TheoryData<string, string> Contents => new()
    {
        { "", " is empty; it needs a header line with column names and rows below it. (A named pipe or a device counts as empty: give a file.)" },
        { "\n  \n\r\n", " is empty; it needs a header line with column names and rows below it." },
        { "\nx,y\n\n", ", line 2: no rows follow the header; add rows below it." },

        { "x,z\n1,2\n", ", line 1: the header lacks 'y'; it has 'x', 'z'; rename a column or choose others." },
        { "x,Y\n1,2\n", ", line 1: the header lacks 'y'; it has 'x', 'Y'; rename 'Y' to 'y': case matters." },
        { "a,b\n1,2\n", ", line 1: the header lacks 'y', 'x'; it has 'a', 'b'; rename a column or choose others." },
        { "x,y,a,a,x\n1,2,3,4,5\n", ", line 1: the column 'x' is there twice, as column 1 and as column 5; rename or remove one of them." },
        { "1,2.5\n3,4\n", ", line 1: the first line holds numbers, '1,2.5', where the column names belong; put a header line with 'y', 'x' above it." },
        { "x;y\n1,5;2\n", ", line 1: the columns are separated by semicolons in 'x;y'; save the file with commas between the cells and decimal points in the numbers." },
        { "\"x\"\t\"y\"\n1\t2\n", ", line 1: the columns are separated by tabs in '\"x\"\\x09\"y\"'; save the file with commas between the cells and decimal points in the numbers." },
        { "\"x\";\"y\"\n1,5;2\n", ", line 1: the columns are separated by semicolons in '\"x\";\"y\"'; save the file with commas between the cells and decimal points in the numbers." },
        { "x\ty\n1\t2\n", ", line 1: the columns are separated by tabs in 'x\\x09y'; save the file with commas between the cells and decimal points in the numbers." },

        { "x,y\n1,2\n\n3\n", ", line 4, column 'y': the row ends after 1 of 2 cells, with '3'; complete the row." },
        { "x,y\n1,2\n3,4,5\n", ", line 3, column 3: the row has 3 cells where the header names 2 columns, the first too many being '5'; remove it, or write decimals with a point, not a comma." },

        { "x,y\n1,2\n3,\"4\n5,6\n", ", line 3: a quote opens in '3,\"4\\x0a5,6\\x0a' and is never closed; close it or remove it." },
        { "x,y\n1,\"2\n3,4\n5,\"6\n", ", line 2: a quote stands inside the text of '1,\"2\\x0a3,4\\x0a5,\"6'; put quotes around the whole cell and double those inside, or remove it." },
        { "x,y\n1,\"2\n3,4\"\n5,6\n", ", line 2, column 'y': the quoted cell '2\\x0a3,4' runs over 2 lines; close the quote where it opens." },
        { "x,y\n1,2\"\n", ", line 2: a quote stands inside the text of '1,2\"'; put quotes around the whole cell and double those inside, or remove it." },

        { "x,y\nfast,2\n", ", line 2, column 'x': 'fast' is not a number; write one such as 12.5, or choose another column." },
        { "x,y\n0x1F,2\n", ", line 2, column 'x': '0x1F' is not a number; write one such as 12.5, or choose another column." },
        { "x,y\n1,12 %\n", ", line 2, column 'y': '12 %' is not a number; write one such as 12.5, or choose another column." },
        { "x,y\n1,\n", ", line 2, column 'y': the cell is empty; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,\" \"\n", ", line 2, column 'y': the cell is empty; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,2\n,\n", ", line 3, column 'y': the cell is empty; the file has 2 cells without a value in 1 of 2 rows: 'x' 1, 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\nNA,2\n", ", line 2, column 'x': 'NA' marks a missing value; the file has 1 cells without a value in 1 of 1 rows: 'x' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,N/A\n", ", line 2, column 'y': 'N/A' marks a missing value; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,null\n", ", line 2, column 'y': 'null' marks a missing value; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,-\n", ", line 2, column 'y': '-' marks a missing value; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,NaN\n", ", line 2, column 'y': 'NaN' marks a missing value; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n1,nan\n", ", line 2, column 'y': 'nan' marks a missing value; the file has 1 cells without a value in 1 of 1 rows: 'y' 1. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours." },
        { "x,y\n-Infinity,1\n", ", line 2, column 'x': '-Infinity' is not a finite number; write one such as 12.5, or choose another column." },
        { "x,y\ninf,1\n", ", line 2, column 'x': 'inf' is not a finite number; write one such as 12.5, or choose another column." },
        { "x,y\n1e999,1\n", ", line 2, column 'x': '1e999' is beyond the range of a 32-bit number, ±3.4e38; rescale the column." },
        { "x,y\n1,-3.5e38\n", ", line 2, column 'y': '-3.5e38' is beyond the range of a 32-bit number, ±3.4e38; rescale the column." },
        { "x,y\n1,\"1,5\"\n", ", line 2, column 'y': '1,5' has a decimal comma or thousands separators; write it with a decimal point alone, as in 1234.5." },
        { "x,y\n1,\"1,234.5\"\n", ", line 2, column 'y': '1,234.5' has a decimal comma or thousands separators; write it with a decimal point alone, as in 1234.5." },
        { "x,y\n1,1 234\n", ", line 2, column 'y': '1 234' has a decimal comma or thousands separators; write it with a decimal point alone, as in 1234.5." },
        { "x,y\n1.234.567,1\n", ", line 2, column 'x': '1.234.567' has a decimal comma or thousands separators; write it with a decimal point alone, as in 1234.5." },
        { "x,y\n1,1'234\n", ", line 2, column 'y': '1'234' has a decimal comma or thousands separators; write it with a decimal point alone, as in 1234.5." },

        { "x,y\n1,2\n3,\0\n", ", line 3, column 'y': the cell '\\x00' holds the byte 0x00; save the file as plain CSV text in UTF-8." },
        { "x,y,z\n1,2,\u0001\n", ", line 2, column 'z': the cell '\\x01' holds the byte 0x01; save the file as plain CSV text in UTF-8." },
        { "PK\u0003\u0004,\u0014\n", " is a ZIP archive or a spreadsheet (xlsx, ods), and what is needed is CSV as plain text: unpack it, or save the sheet as CSV." },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public void A_file_that_cannot_be_trained_on_is_refused_with_one_sentence(string content, string sentence)
    {
        var path = directory.Write(content);

        Assert.Equal(path + sentence, Problem(path));
    }

    [Fact]
    public void Lines_are_counted_as_in_the_file_also_through_quotes_and_blank_lines()
    {
        var path = directory.Write("note,x,y\r\n\r\n\"one\r\ntwo\",1,2\r\n\r\n\"three\nfour\n\",3,oops\r\n");

        Assert.Contains(", line 8, column 'y': 'oops'", Problem(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        var path = directory.Write([.. Encoding.UTF8.GetBytes("x,y,place\n1,2,Z"), 0xFC, .. Encoding.UTF8.GetBytes("rich\n")]);

        Assert.Equal(
            $"{path}, line 2, column 'place': the cell 'Z\uFFFDrich' holds bytes that are not UTF-8; save the file as plain CSV text in UTF-8.",
            Problem(path));
    }

    [Fact]
    public void A_directory_is_refused() =>
        Assert.Equal($"{directory.Path} is a directory; name a CSV file in it.", Problem(directory.Path));

    [Fact]
    public void A_missing_file_is_refused()
    {
        var path = Path.Combine(directory.Path, "none", "task_001.csv");

        Assert.Equal($"{path}: there is no such file; check the path.", Problem(path));
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        // Root reads everything, and Windows has other permissions.
        if (Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
            return;

        var path = directory.Write("x,y\n1,2\n");
        File.SetUnixFileMode(path, UnixFileMode.None);

        Assert.StartsWith($"{path} cannot be read (", Problem(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\0")]
    [InlineData("\n")]
    [InlineData("\"\"")]
    [InlineData("\",\"")]
    [InlineData("\n\",\"")]
    public void An_endless_line_is_refused_in_little_memory(string repeated)
    {
        var path = Path.Combine(directory.Path, "endless.csv");
        var mebibyte = string.Concat(Enumerable.Repeat(repeated, (1 << 20) / repeated.Length));
        using (var file = File.CreateText(path))
        {
            file.Write("x,y\n1,\"");
            for (var part = 0; part < 64; part++)
                file.Write(mebibyte);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Problem(path);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        Assert.Equal($"{path}, line 2: the line is longer than 1 MiB; break it into rows, and close every quote.", problem);
    }

    [Fact]
    public void A_plan_that_fits_no_file_is_refused_before_the_file_is_opened()
    {
        Assert.Equal("The features lack a name; name at least one input column, separated by commas.", Problem("none", Plan with { Features = [] }));
        Assert.Equal("The feature 'x' is named twice; name it once.", Problem("none", Plan with { Features = ["x", "y", "x"] }));
        Assert.Equal("The window of 0 rows is out of range; choose 1 to 10000.", Problem("none", Plan with { Window = 0 }));
        Assert.Equal("The horizon of -1 rows is out of range; choose 0 to 10000.", Problem("none", Plan with { Horizon = -1 }));
    }

    private static string Problem(string path, ColumnPlan? plan = null) =>
        Assert.Throws<DataException>(() => ParticipantFile.Read(path, plan ?? Plan)).Message;
}
