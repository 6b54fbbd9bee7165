using System.CommandLine;
using FedQueue.Reliability.Kills;

var root = new RootCommand("FedQueue: proofs that take longer than a test.") { KillCommand.Create() };
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
