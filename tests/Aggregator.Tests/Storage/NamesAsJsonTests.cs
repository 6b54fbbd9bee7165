using System.Text.Json;
using FedQueue.Aggregator.Storage;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class NamesAsJsonTests
{
    private readonly NamesAsJson column = new();

    [Fact]
    public void Every_list_comes_back_also_when_more_are_in_use_than_are_remembered()
    {
        var lists = Enumerable.Range(0, 50).Select(i => Enumerable.Range(0, i).Select(j => $"task \"{j}\", Köln").ToList()).ToList();

        var columns = lists.ConvertAll(names => (string)column.ConvertToProvider(names)!);

        Assert.Equal(lists.Select(names => JsonSerializer.Serialize(names)), columns);
        Assert.Equal(lists, columns.Select(json => (List<string>)column.ConvertFromProvider(json)!));
    }

    [Fact]
    public void What_was_written_last_is_not_parsed_again()
    {
        List<string> names = ["written", "last"];

        // Once is enough: other tests of the process write lists too, and eight of them in between push this one out.
        Assert.Contains(Enumerable.Range(0, 100), _ => ReferenceEquals(names, column.ConvertFromProvider(column.ConvertToProvider(names))));
    }

    [Fact]
    public void A_list_that_was_replaced_by_an_equal_one_is_no_change()
    {
        var comparer = new NamesComparer();

        Assert.True(comparer.Equals(["a", "b"], ["a", "b"]));
        Assert.False(comparer.Equals(["a", "b"], ["b", "a"]));
        Assert.Equal(comparer.GetHashCode(["a", "b"]), comparer.GetHashCode(["a", "b"]));
    }

    [Fact]
    public void Threads_that_read_many_lists_at_once_get_their_own()
    {
        var columns = Enumerable.Range(0, 16).Select(i => $"[\"p{i}\"]").ToList();

        Parallel.For(0, 8, first =>
        {
            for (var i = 0; i < 200_000; i++)
            {
                var json = columns[(first + i) % columns.Count];
                var names = (List<string>)column.ConvertFromProvider(json)!;
                Assert.Equal(json, $"[\"{Assert.Single(names)}\"]");
            }
        });
    }
}
