namespace FedQueue.System.Tests;

/// <summary>Of a test whose programs must not wait for the processors of another one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
