using System.Reflection;
using MassTransit;

namespace FedQueue.Reliability.Simulation;

/// <summary>
/// As much of a request's context as FedQueue's consumers use. MassTransit's own request client arms timers and keeps tasks for
/// every request, which takes longer than all else in a world.
/// </summary>
internal class RequestContext : DispatchProxy
{
    private static readonly Uri Asker = new("loopback://simulation/asker");

    private object request = null!;

    /// <summary>What the consumer answered.</summary>
    public object? Response { get; private set; }

    public static (ConsumeContext<T> Context, RequestContext Answer) For<T>(T request) where T : class
    {
        var context = Create<ConsumeContext<T>, RequestContext>();
        var proxy = (RequestContext)(object)context;
        proxy.request = request;
        return (context, proxy);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod?.Name)
        {
            case "get_Message":
                return request;
            case "get_CancellationToken":
                return CancellationToken.None;
            case "get_ResponseAddress":
                return Asker;
            case nameof(ConsumeContext.RespondAsync):
                Response = args![0];
                return Task.CompletedTask;
            default:
                throw new NotSupportedException($"The simulation does not offer {targetMethod?.Name}.");
        }
    }
}
