// These tests start whole federations, each of which wants all processors, so they form one collection and wait for each
// other. Beside it run those that themselves mostly wait; after it, those in which a busy machine would cost a lease (Alone).
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
