// These tests start whole federations, each of which wants all processors.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
