using FedQueue.Cli;

StandardOutput.Open();
return await CommandLine.Run(args, Console.Out, Console.Error);
