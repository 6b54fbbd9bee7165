using System.CommandLine;
using FedQueue.Bench.Kernels;

var root = new RootCommand("Measures FedQueue; docs/performance.md has the figures.") { StepCommand.Create(), InstructionSets.Create(), AggregateCommand.Create(), InitialCommand.Create() };
return await root.Parse(args).InvokeAsync();
