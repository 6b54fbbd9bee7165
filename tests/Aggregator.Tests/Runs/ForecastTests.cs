using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class ForecastTests
{
    [Fact]
    public async Task The_newest_forecast_of_a_participant_is_kept_and_who_shares_none_has_none()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1) with { Forecast = Forecast([1, float.PositiveInfinity], [2, 3]) });
        await aggregator.Bus.Publish(Weights(round, "b", 1));
        var last = await aggregator.UntilOpen(2);

        var first = (await aggregator.Read(db => RunForecast.Load(db, "run", "a", CancellationToken.None)))!;
        Assert.Equal(0, first.Round);
        Assert.Equal([1, null], first.Actual);
        Assert.Equal([2, 3], first.Predicted);
        Assert.Null(await aggregator.Read(db => RunForecast.Load(db, "run", "b", CancellationToken.None)));

        await aggregator.Bus.Publish(Evaluation(last, "a", 1) with { Forecast = Forecast([5], [6]) });
        await aggregator.UntilNoted(EventKind.Evaluated, "a");

        var newest = (await aggregator.Read(db => RunForecast.Load(db, "run", "a", CancellationToken.None)))!;
        Assert.Equal((1, 5f, 6f), (newest.Round, newest.Actual[0], newest.Predicted[0]));
    }

    [Theory]
    [InlineData(4, 8)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    [InlineData(4 * 501, 4 * 501)]
    public async Task A_forecast_that_is_none_puts_its_answer_into_quarantine(int actual, int predicted)
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");

        await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(1), "a", 1) with { Forecast = new() { Actual = new byte[actual], Predicted = new byte[predicted] } });

        Assert.StartsWith($"Its forecast has {actual} bytes of labels and {predicted} of predictions;", (await aggregator.UntilNoted(EventKind.Quarantined, "a")).Text, StringComparison.Ordinal);
        Assert.Empty(await aggregator.Read(db => db.Forecasts.ToListAsync()));
    }

    private static Forecast Forecast(float[] actual, float[] predicted) => new() { Actual = WeightBytes.From(actual), Predicted = WeightBytes.From(predicted) };
}
