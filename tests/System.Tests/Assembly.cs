using FedQueue.System.Tests;

// These tests start whole federations, each of which wants all processors, so they form one collection and wait for each
// other. Beside it run those that themselves mostly wait; after it, those in which a busy machine would cost a lease.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]

namespace FedQueue.System.Tests
{
    /// <summary>Of a test whose programs must not wait for the processors of another one.</summary>
    [CollectionDefinition(Name, DisableParallelization = true)]
    public sealed class Alone
    {
        public const string Name = "alone";
    }
}
