using System.Reflection;
using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;

namespace FedQueue.Contracts;

/// <summary>How long a program waits between two tries to reach a broker that has gone.</summary>
internal static class BrokerReconnection
{
    private static readonly TimeSpan[] FirstPauses = [.. new[] { 0.25, 0.5, 1 }.Select(TimeSpan.FromSeconds)];
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// MassTransit 8 waits up to 30 seconds and has no setting for it: a broker that restarts in six would be noticed after
    /// twenty, when the leases of living workers have lapsed. The policy is a get-only property, so its field is set.
    /// </summary>
    /// <exception cref="MissingFieldException">Another version of MassTransit calls the fields otherwise.</exception>
    public static void Hasten(IRabbitMqBusFactoryConfigurator factory)
    {
        var host = Field(typeof(RabbitMqBusFactoryConfigurator), "_hostConfiguration").GetValue(factory);
        Field(typeof(RabbitMqHostConfiguration), "<ReceiveTransportRetryPolicy>k__BackingField")
            .SetValue(host, Retry.Intervals([.. FirstPauses, .. Enumerable.Repeat(LongestPause, 1_000)]));
    }

    private static FieldInfo Field(Type type, string name) =>
        type.GetField(name, BindingFlags.Instance | BindingFlags.NonPublic) ?? throw new MissingFieldException(type.FullName, name);
}
