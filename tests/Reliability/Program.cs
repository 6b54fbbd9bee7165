using System.CommandLine;
using FedQueue.Reliability.Simulation;

var root = new RootCommand("FedQueue: proofs that take longer than a test.") { SimulateCommand.Create() };
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
