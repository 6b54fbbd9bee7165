using FedQueue.Reliability.SlowLink;

namespace FedQueue.System.Tests.Queue;

/// <summary>The short form of <c>slow-link</c>: answers of 178 KB, of which each takes longer on its way than a message had before it was sent again.</summary>
[Collection(SharesBroker.Name)]
public sealed class SlowLinkTests(Broker broker)
{
    [DockerFact]
    public async Task Over_a_slow_network_every_round_closes_every_lease_is_kept_and_nothing_is_sent_three_times() =>
        Assert.Equal(0, await SlowLinkCommand.Create().Parse(["--broker", $"{broker.Host}:{broker.Port}", "--units", "100", "--rounds", "2", "--standstills", "0.01"]).InvokeAsync());
}
