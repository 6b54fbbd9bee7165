using System.Text.RegularExpressions;
using MassTransit;

namespace FedQueue.Contracts;

/// <summary>
/// Answers a request where the asker says. Whoever can send a message can write any address into it, and to send there the transport would declare an exchange of that
/// name on the very channel that reads the requests: the broker closes the channel when it refuses, so one bad address would stop the answers to everybody.
/// </summary>
public static partial class ReplyAddress
{
    /// <summary>MassTransit's name of the default exchange, which declares nothing and hands a message to the queue that the routing key names, or to nobody.</summary>
    private static readonly Uri DefaultExchange = new("exchange:amq.rabbitmq.reply-to");

    /// <returns>Why no answer can go there, as a sentence; null when one can.</returns>
    public static string? ProblemOf(ConsumeContext message) => ProblemOf(message.ResponseAddress) ?? ProblemOf(message.FaultAddress);

    private static string? ProblemOf(Uri? address) => address is null or { Scheme: "loopback" } || QueueOf(address) is not null
        ? null
        : $"It wants its answer at {Short(address)}, which is no temporary queue of a FedQueue program.";

    /// <summary>Sends the answer, or throws; the asker asks again when none comes.</summary>
    public static async Task Respond<T>(ConsumeContext request, T answer) where T : class
    {
        if (request.ResponseAddress is { Scheme: "loopback" })
            await request.RespondAsync(answer);
        else if (request.ResponseAddress is { } address && QueueOf(address) is { } queue)
        {
            var endpoint = await request.GetSendEndpoint(DefaultExchange);
            await endpoint.Send(answer, Pipe.Execute<SendContext<T>>(send =>
            {
                send.RequestId = request.RequestId;
                send.SetRoutingKey(queue);
                send.TimeToLive = request.ExpirationTime is null ? null : TimeSpan.FromMinutes(1);
            }), request.CancellationToken);
        }
    }

    /// <returns>The queue that a program reads its answers from; null when the address is of another form.</returns>
    internal static string? QueueOf(Uri address)
    {
        var queue = Uri.UnescapeDataString(address.Segments[^1]);
        return address.Query == "?temporary=true" && Temporary().IsMatch(queue) ? queue : null;
    }

    private static string Short(Uri address) => address.ToString() is { Length: > 80 } text ? text[..79] + "…" : address.ToString();

    /// <summary>Host, program, bus, and a random part, as MassTransit makes the queue of a bus.</summary>
    [GeneratedRegex("^[A-Za-z0-9._-]{1,150}_bus_[a-z0-9]{26}$", RegexOptions.CultureInvariant)]
    private static partial Regex Temporary();
}
