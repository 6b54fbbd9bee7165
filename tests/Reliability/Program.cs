using System.CommandLine;
using FedQueue.Reliability.Kills;
using FedQueue.Reliability.ManyWorkers;
using FedQueue.Reliability.Simulation;
using FedQueue.Reliability.SlowLink;

var root = new RootCommand("FedQueue: proofs that take longer than a test.") { KillCommand.Create(), SimulateCommand.Create(), SlowLinkCommand.Create(), ManyWorkersCommand.Create() };
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
