using FedQueue.Contracts;
using FedQueue.Worker.Training;

namespace FedQueue.Worker.Tests.Training;

public sealed class SpareNetworksTests
{
    private static readonly ModelPlan Model = new() { Inputs = 3, Units = 5 };

    private readonly SpareNetworks spares = new();

    [Fact]
    public void A_network_is_used_again_by_one_at_a_time_and_for_its_shape_alone()
    {
        var network = spares.Take(Model, 4, 32);
        Assert.NotSame(network, spares.Take(Model, 4, 32));

        spares.Keep(network);
        Assert.NotSame(network, spares.Take(Model with { Layers = 2 }, 4, 32));
        Assert.NotSame(network, spares.Take(Model, 5, 32));
        Assert.NotSame(network, spares.Take(Model, 4, 31));
        Assert.Same(network, spares.Take(Model with { }, 4, 32));
        Assert.NotSame(network, spares.Take(Model, 4, 32));
    }

    [Fact]
    public void The_oldest_make_room_for_others()
    {
        // Somewhat above 12 MiB each; five fit into 64.
        LstmNetwork[] networks = [.. Enumerable.Range(1, 6).Select(window => spares.Take(Model with { Units = 512 }, window, 1))];
        Assert.All(networks, network => Assert.InRange(network.Bytes, (64L << 20) / 6, (64L << 20) / 5));
        foreach (var network in networks)
            spares.Keep(network);

        Assert.NotSame(networks[0], spares.Take(Model with { Units = 512 }, 1, 1));
        for (var window = 2; window <= 6; window++)
            Assert.Same(networks[window - 1], spares.Take(Model with { Units = 512 }, window, 1));
    }

    [Fact]
    public void What_is_too_large_is_not_kept_and_pushes_nothing_out()
    {
        var (small, large) = (spares.Take(Model, 4, 32), spares.Take(Model with { Units = 1500 }, 2, 1));
        Assert.True(large.Bytes > 64 << 20, $"{large.Bytes} bytes.");

        spares.Keep(small);
        spares.Keep(large);

        Assert.NotSame(large, spares.Take(Model with { Units = 1500 }, 2, 1));
        Assert.Same(small, spares.Take(Model, 4, 32));
    }
}
