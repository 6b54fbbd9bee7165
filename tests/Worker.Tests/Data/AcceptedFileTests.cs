using System.Globalization;
using System.Text;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public sealed class AcceptedFileTests : IDisposable
{
    private static readonly ColumnPlan Plan = new() { Target = "y", Features = ["x", "y"], Window = 2 };

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    public static TheoryData<string, string> Forms => new()
    {
        { "plain", "x,y\n1,2\n3.5,-4e1\n" },
        { "no final newline", "x,y\n1,2\n3.5,-40" },
        { "CRLF", "x,y\r\n1,2\r\n3.5,-40\r\n" },
        { "lone CR", "x,y\r1,2\r3.5,-40\r" },
        { "byte order mark", "\uFEFFx,y\n1,2\n3.5,-40\n" },
        { "quotes", "\"x\",\"y\"\n\"1\",\"2\"\n\"3.5\",\"-40\"\n" },
        { "spaces around cells and names", " x ,\t\"y\" \n 1 , \" 2 \"\n3.5\t,  -40  \n" },
        { "no-break spaces around cells and names", "\u00a0x,y\n1,\u00a02\n3.5\u00a0,-40\n" },
        { "blank lines and lines of spaces", "\n  \nx,y\n\n1,2\n   \n\t\n3.5,-40\n\n\n" },
        { "another order of columns", "y,x\n2,1\n-40,3.5\n" },
        { "extra columns of any text", "a,x,b,y,\nNA,1,\"two, \"\"quoted\"\"\nlines\",2,\n,3.5,ä,-40,\n" },
        { "signs, bare points and exponents", "x,y\n+1.,.2E+1\n350e-2,-40.0\n" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_file_is_read_whatever_its_form(string form, string content)
    {
        var table = ParticipantFile.Read(directory.Write(content), Plan);

        Assert.True(table.Features.SequenceEqual([1, 2, 3.5, -40]), form);
        Assert.Equal([2, -40], table.Target);
        Assert.Equal([0], table.SeriesStarts);
    }

    [Fact]
    public void UTF_16_is_read_when_it_has_a_byte_order_mark()
    {
        var path = directory.Write([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("x,y\r\n1,2\r\n3.5,-40\r\n")]);

        Assert.Equal([2, -40], ParticipantFile.Read(path, Plan).Target);
    }

    [Fact]
    public void Numbers_are_read_alike_in_a_culture_with_decimal_commas()
    {
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        commas.NumberFormat.NumberGroupSeparator = ".";
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = commas;

            var table = ParticipantFile.Read(directory.Write("x,y\n1.234,2.5\n3.5,-40.75\n"), Plan with { TargetCap = 1.5 });

            Assert.Equal([1.234, 2.5, 3.5, -40.75], table.Features);
            Assert.Equal([1.5, -40.75], table.Target);
            Assert.Contains("the target is above its cap of 1.5 in 1 of 2 rows", table.Notes);
            Assert.Throws<DataException>(() => ParticipantFile.Read(directory.Write("x,y\n1,\"2,5\"\n"), Plan));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_change_of_the_group_starts_a_series_and_the_group_may_be_any_text()
    {
        var path = directory.Write("g,x,y\nleft,1,1\n left ,2,2\n7 up,3,3\nleft,4,4\nleft,5,5\n");

        var table = ParticipantFile.Read(path, Plan with { Group = "g" });

        Assert.Equal([0, 2, 3], table.SeriesStarts);
    }

    [Fact]
    public void The_cap_applies_to_the_target_and_not_to_the_same_column_as_a_feature()
    {
        var table = ParticipantFile.Read(directory.Write("x,y\n1,100\n2,126\n3,125\n"), Plan with { TargetCap = 125 });

        Assert.Equal([100, 125, 125], table.Target);
        Assert.Equal([1, 100, 2, 126, 3, 125], table.Features);
    }

    [Fact]
    public void What_is_odd_is_noted()
    {
        var path = directory.Write("id,x,y,\n1,5,9,\n2,5,9,\n3,5,9,\n4,5,9,\n5,6,1,\n");

        var notes = ParticipantFile.Read(path, Plan with { Horizon = 0, TargetCap = 8 }).Notes;

        Assert.Equal(
            [
                "not used: 'id', '(column 4)'",
                "the target is above its cap of 8 in 4 of 5 rows",
                "with horizon 0 the label is part of its own window: 'y' is among the features",
                "constant in the training rows, so of no use: 'x', 'y'",
                "the target 'y' is constant in the training rows: there is nothing to learn, and its errors do not count beside those of others",
            ],
            notes);
    }

    [Fact]
    public void Many_blank_lines_are_no_endless_line()
    {
        var path = directory.Write("x,y\n1,2\n" + new string('\n', 3 * ParticipantFile.MaxRecordSize) + "3.5,-40\n");

        Assert.Equal(2, ParticipantFile.Read(path, Plan).Rows);
    }
}
